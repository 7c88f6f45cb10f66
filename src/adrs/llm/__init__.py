"""Requests replies from language models and other programs, and turns replies into candidate programs."""

from adrs.llm.address import address_of as address_of
from adrs.llm.circuit_breaker import RetryPolicy as RetryPolicy
from adrs.llm.client import Client as Client
from adrs.llm.client import Meter as Meter
from adrs.llm.command_line import CommandLine as CommandLine
from adrs.llm.command_line import ProgramOutput as ProgramOutput
from adrs.llm.exchange import Reply as Reply
from adrs.llm.exchange import Settings as Settings
from adrs.llm.exchange import Thinking as Thinking
from adrs.llm.exchange import worst_usage as worst_usage
from adrs.llm.pricing import Price as Price
from adrs.llm.pricing import cost as cost
from adrs.llm.pricing import overrides_of as overrides_of
from adrs.llm.pricing import price_of as price_of
from adrs.llm.pricing import worst_case as worst_case
from adrs.llm.redaction import redact as redact
from adrs.llm.reply import note_of as note_of
from adrs.llm.reply import program_of as program_of
from adrs.llm.reply import successor as successor
from adrs.llm.summary import first_sentence as first_sentence
