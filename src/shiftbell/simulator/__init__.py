"""A RingCentral to run on a desk and to break: the same paths, bodies, headers, codes, penalties.

`world` holds the state, the seed and the queue of what happens next; `server` shows it over plain
HTTP, in-process or on a port. Nothing here imports the rest of Shiftbell, and nothing there may
import this except the command line: code that both sides shared would share its mistakes.

What RingCentral documents is kept to the letter. What it leaves open (their docs name no code for
an expired JWT, and no retry of a webhook) is decided once, the unkind way, where it is written.
"""
