"""A refusal of a service, beside its field."""

from django import forms

from raccord.accounts.services.refusals import Refused


def said(form: forms.Form, refusal: Refused) -> None:
    """Put the sentence where the person is looking."""
    form.add_error(refusal.field if refusal.field in form.fields else None, str(refusal))
