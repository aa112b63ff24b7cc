"""DECIDE. Pure rules: facts in, a verdict out; `now` is an argument.

Nothing in here reads a clock, a network, a database or the environment, so every rule is a table
that a test can walk through.
"""
