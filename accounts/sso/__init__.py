"""
Single sign-on by OpenID Connect.

django-allauth speaks the protocol (discovery, PKCE, state, tokens); which provider belongs to which account, and which
of our users somebody is, is decided here. Requests to providers leave by the guarded client like all others.
"""
