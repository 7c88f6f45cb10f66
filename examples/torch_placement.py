"""A candidate for expert_placement that uses torch: the global zigzag, all layers at once.

pip install "adrs[torch]"
adrs eval expert_placement examples/torch_placement.py -o torch=true
"""

import numpy as np
import torch


def rebalance_experts(weight: np.ndarray, num_replicas: int, num_groups: int, num_nodes: int, num_gpus: int) -> torch.Tensor:
    """Give each spare slot to the hottest expert; deal replicas by descending load to the GPUs, in alternating order."""
    load = torch.from_numpy(weight).float()
    layers, experts = load.shape
    held = torch.arange(experts).expand(layers, -1).clone()
    count = torch.ones_like(load)
    for _ in range(num_replicas - experts):
        hot = (load / count).argmax(dim=1, keepdim=True)
        count.scatter_add_(1, hot, torch.ones_like(hot, dtype=load.dtype))
        held = torch.cat([held, hot], dim=1)
    share = torch.gather(load / count, 1, held)
    falling = torch.gather(held, 1, share.argsort(dim=1, descending=True))
    places = num_replicas // num_gpus
    gpus = torch.arange(num_gpus)
    to = torch.cat([gpus if row % 2 == 0 else gpus.flip(0) for row in range(places)])
    slots = to * places + torch.arange(places).repeat_interleave(num_gpus)
    return torch.zeros_like(held).scatter_(1, slots.expand(layers, -1), falling)
