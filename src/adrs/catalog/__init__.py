"""Finds tasks and parts by the name of their file, and creates them with their options."""

from adrs.catalog.digest import fingerprint as fingerprint
from adrs.catalog.files import Description as Description
from adrs.catalog.loader import loading as loading
from adrs.catalog.options import Option as Option
from adrs.catalog.options import nearest as nearest
from adrs.catalog.options import split_pairs as split_pairs
from adrs.catalog.parts import KINDS as KINDS
from adrs.catalog.parts import Kind as Kind
from adrs.catalog.parts import describe_part as describe_part
from adrs.catalog.parts import make_part as make_part
from adrs.catalog.parts import part_names as part_names
from adrs.catalog.tasks import describe_task as describe_task
from adrs.catalog.tasks import load_task as load_task
from adrs.catalog.tasks import origin as origin
from adrs.catalog.tasks import task_names as task_names
from adrs.catalog.tasks import task_options as task_options
from adrs.catalog.tasks import task_spec as task_spec
from adrs.catalog.tasks import workloads_of as workloads_of
