"""Runs candidates in locked-down processes and exchanges typed messages with them."""

from adrs.sandbox.canary import Watch as Watch
from adrs.sandbox.decoding import read as read
from adrs.sandbox.isolation import Sandbox as Sandbox
from adrs.sandbox.isolation import SandboxOptions as SandboxOptions
from adrs.sandbox.isolation import ZygoteDied as ZygoteDied
from adrs.sandbox.layers import ALL_LAYERS as ALL_LAYERS
from adrs.sandbox.layers import LANDLOCK as LANDLOCK
from adrs.sandbox.layers import RLIMITS as RLIMITS
from adrs.sandbox.layers import SECCOMP as SECCOMP
from adrs.sandbox.layers import Layers as Layers
from adrs.sandbox.player import PlayerLimits as PlayerLimits
from adrs.sandbox.player import SandboxPlayer as SandboxPlayer
from adrs.sandbox.timing import playing_alone as playing_alone
from adrs.sandbox.wire import decode as decode
from adrs.sandbox.wire import encode as encode
from adrs.sandbox.wire import encode_answer as encode_answer
from adrs.sandbox.wire import plain as plain
