"""The bank: what one person writes, others review, and only then is used. Questions and stations are kept in one each (decision 14).

A `Bank` says how its entries differ from those of another; everything they do alike is here, and what they are is their own app's.
"""
