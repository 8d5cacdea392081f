"""Who sends a request and what is in it, checked before a view is called.

`admission` is the order of the checks. `access` says who may call which view. `sessions`,
`bearer` and `displays` find out who somebody is; `bodies` and `forms` limit what may be sent.
"""
