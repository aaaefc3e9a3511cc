"""What an application may listen to, beside Django's own `user_logged_in` and `user_logged_out`."""

from django.dispatch import Signal

#: Somebody has signed in with a passkey: `request`, `user` and `event`, an `unlatch.adapters.http.SignedIn`. What a
#: receiver raises undoes the sign-in, and the account if it was made with it: `unlatch.adapters.http.Rejected` with a
#: sentence of its own, or Django's `PermissionDenied`.
signed_in = Signal()
