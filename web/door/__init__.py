"""Who comes in and with what, before a view is called.

`admission` is the order of the checks; `access` says which view whom, `sessions`, `bearer` and
`displays` who somebody is, `bodies` and `forms` what may be sent.
"""
