"""The harness's own parts, without servers."""

import sys

sys.dont_write_bytecode = True
