"""`python -m chainrule` is the same as `chainrule`."""

import sys

if __name__ == "__main__":
    if not getattr(sys.flags, "safe_path", False):  # in the working folder stand a person's files, and no libraries
        sys.path[0] = sys.path[1]

    from chainrule.cli import main

    main()
