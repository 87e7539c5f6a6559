"""Every program that has a name, by its heading, and its gradients, derived once for all tests of a process."""

from functools import cache

from chainrule.catalogue import list_gallery, list_layers, read_gallery, read_layer
from chainrule.derive import derive

LAYERS = {entry.heading: entry for layer in list_layers() for entry in read_layer(layer)}
GALLERY = {entry.heading: entry for entry in map(read_gallery, list_gallery())}
PROGRAMS = LAYERS | GALLERY


@cache
def derive_program(heading):
    """Derive the gradients that a program states, or all of them where it states none."""
    return derive(PROGRAMS[heading].forward, PROGRAMS[heading].wanted)
