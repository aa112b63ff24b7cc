"""RingCentral's REST paths, one module per area, behind one gate.

Every route passes `gate.guarded`, which checks what RingCentral checks before it looks at a
request: token, rate, permission, whose mailbox. The modules only read what was asked and write the
answer; what it means is in the package above.
"""
