"""Contracts that people's own parts, tasks and stores keep to, to be run by their own pytest."""

from adrs.testing.parts import GeneratorContract as GeneratorContract
from adrs.testing.parts import PromptsContract as PromptsContract
from adrs.testing.parts import SelectorContract as SelectorContract
from adrs.testing.plain_player import PlainPlayer as PlainPlayer
from adrs.testing.tasks import TaskContract as TaskContract
