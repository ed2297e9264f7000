"""Serving a generation: in comes a folder that somebody published, out go answers that are look-ups.

`snapshot` reads a generation whole, `front` answers from it before Flask is asked, `keeper` swaps in what is new and
`builder` makes it, `run` starts a server. Imports nothing heavy by itself.
"""
