"""What a passkey needs, as an attribute: our pages hold no inline script."""

import json
from typing import Any

from django import template
from django.core.serializers.json import DjangoJSONEncoder

register = template.Library()


@register.filter
def as_json(value: Any) -> str:
    """JSON text, escaped like any other by the template."""
    return json.dumps(value, cls=DjangoJSONEncoder)
