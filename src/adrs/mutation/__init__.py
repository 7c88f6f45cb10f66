"""Makes programs by typed random edits of syntax trees."""

from adrs.mutation.mutator import Edited as Edited
from adrs.mutation.mutator import Mutator as Mutator
from adrs.mutation.normal_form.rounding import significant as significant
from adrs.mutation.rules import PASSES as PASSES
