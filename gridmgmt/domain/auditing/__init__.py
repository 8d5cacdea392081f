"""What the duties of a day come to: where nobody or two dispose, and what a change alters.

`duty_audit` lists holes and doubles, `duty_matrix` says who disposes of what where, and
`duty_effects` compares two states of the duties. All ask the duty book of ``domain.judging``.
`replay` is what the rules say of a case now, beside what they said then.
"""
