"""`chainrule`, as a program: `python -m chainrule` is the same."""

import sys
from _signal import SIG_DFL, SIGINT, default_int_handler, getsignal, signal  # type: ignore[import-not-found]

if getsignal(SIGINT) is default_int_handler:  # as soon as there can be one: until `main` begins, Ctrl-C just ends it
    signal(SIGINT, SIG_DFL)

if __name__ == "__main__" and not getattr(sys.flags, "safe_path", False):
    sys.path[0] = sys.path[1]  # in the working folder stand a person's files, and no libraries

from chainrule.cli import main

if __name__ == "__main__":
    main()
