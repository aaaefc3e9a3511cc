"""Passkeys for Django: an app with models, routes, an authentication backend, checks, pages and template tags.

```python
INSTALLED_APPS = [..., "unlatch.adapters.django"]
AUTHENTICATION_BACKENDS = ["unlatch.adapters.django.backends.PasskeyBackend", ...]
UNLATCH = {"RP_ID": "example.org"}

urlpatterns = [path("webauthn/", include("unlatch.adapters.django.urls")), ...]
```

`configuration` has the settings, `access` the decorator and the mixins, `stores` what keeps passkeys.
"""
