"""What strangers see: forms, pages, thank-you pages, the snippet. Plain ASGI, no session.

Knows the definitions in memory and the inbox, and nothing about leads: nothing is prefilled and
nothing is shown about anybody. Every page works without JavaScript.
"""
