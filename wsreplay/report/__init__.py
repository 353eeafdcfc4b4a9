"""Reports: what the engine announces, made readable for people and programs.

Every reporter is fed with the events of `wsreplay.events` and with nothing else; none of them runs anything.
"""
