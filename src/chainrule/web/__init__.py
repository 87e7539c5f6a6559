"""One page on this machine over the same engine: derive, prove, check and train in a browser.

`guard` lets in whom the terminal gave the address, and no other; `application` has the routes; what takes long is done
by `pool` in processes of their own (`worker`), which answer what `answers` and `checking` make; `training` starts and
follows runs.
`static` is the page: no build step, nothing of anybody else's, no request to another host.

Imports: catalogue, check, data, derive, errors, experiments, pages, practical, report, shipped,
train.
"""
