"""What a form sends."""

import datetime
import re
from decimal import Decimal
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, model_validator
from pydantic.alias_generators import to_camel


class NewAppointment(BaseModel):
    model_config = ConfigDict(alias_generator=to_camel, populate_by_name=True)

    client_id: int | None = None
    client_name: Annotated[str | None, Field(max_length=255)] = None
    client_phone: Annotated[str | None, Field(max_length=50)] = None
    service: Annotated[str, Field(max_length=1000)] = ""
    service_id: int | None = None
    staff_id: int | None = None
    date: datetime.date
    start_time: datetime.time
    end_time: datetime.time
    status: Literal["scheduled", "confirmed", "arrived", "no-show", "cancelled", "completed"] = "scheduled"
    type: Literal["standard", "important", "special"] = "standard"
    price: Annotated[Decimal | None, Field(ge=0, decimal_places=2)] = None
    payment_method: Annotated[str | None, Field(max_length=255)] = None
    notes: Annotated[str | None, Field(max_length=4000)] = None

    @model_validator(mode="after")
    def check(self) -> "NewAppointment":
        if self.client_name is None and self.client_id is None:
            raise ValueError("clientName is required")
        if self.start_time == self.end_time:
            raise ValueError("endTime must differ from startTime")
        return self

    @property
    def phone(self) -> str | None:
        """A masked one is none."""
        return None if not self.client_phone or re.search("[•*]", self.client_phone) else self.client_phone

    @property
    def phone_key(self) -> str | None:
        digits = re.sub(r"\D", "", self.phone or "")
        if len(digits) == 10 and digits.startswith("0"):
            return "38" + digits
        if len(digits) == 11 and digits.startswith("80"):
            return "3" + digits
        return digits or None

    @property
    def services(self) -> list[str]:
        return [name.strip() for name in self.service.split(", ") if name.strip()]
