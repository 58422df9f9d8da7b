"""What a passkey needs, as an attribute: our pages hold no inline script."""

import base64
import json
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder

register = template.Library()


@register.filter
def as_json(value: Any) -> str:
    """JSON in base64: no brace of it can be taken for a template's, nor a quote for an end."""
    return base64.b64encode(json.dumps(value, cls=DjangoJSONEncoder).encode()).decode()
