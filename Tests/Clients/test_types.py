"""scripts/types takes whatever the schemas have."""

import sys

import pytest

from harness.stack import ROOT

sys.path.insert(0, str(ROOT / "scripts" / "lib" / "types"))

from schemas import Schemas  # noqa: E402
from typescript import TypeScript  # noqa: E402

ASYNCAPI = """
operations:
  command: { action: receive, messages: [{ $ref: "#/m/enter" }], reply: { messages: [{ $ref: "#/m/entered" }, { $ref: "#/m/held" }] } }
  unasked: { action: send, messages: [{ $ref: "#/m/entered" }] }
  event: { action: send, messages: [{ $ref: "#/m/joined" }, { $ref: "#/m/held" }] }
m:
  enter: { $ref: "#/components/messages/enter" }
  entered: { payload: { $ref: "schemas/realtime.yaml#/$defs/Entered" } }
  held: { payload: { $ref: "schemas/realtime.yaml#/$defs/SlotHeld" } }
  joined: { payload: { $ref: "schemas/realtime.yaml#/$defs/PresenceJoined" } }
components: { messages: { enter: { payload: { $ref: "schemas/realtime.yaml#/$defs/Enter" } } } }
"""
REALTIME = """
$defs:
  Room: { type: string, pattern: "^presence:[a-z]+$" }
  Envelope:
    type: object
    properties: { type: { type: string }, topic: { $ref: "#/$defs/Room" }, data: { type: object } }
    required: [type, topic]
  Enter: { type: object, properties: { type: { const: "presence:enter" }, room: { type: string } }, required: [type, room] }
  Entered: { type: object, properties: { type: { const: entered } }, required: [type] }
  SlotHeld: { type: object, properties: { type: { const: "slot:held" } }, required: [type] }
  PresenceJoined:
    description: Somebody */ came.
    allOf:
      - { $ref: "#/$defs/Envelope" }
      - properties: { type: { const: "presence:joined" }, data: { $ref: "member.yaml#/$defs/Member" } }
        required: [data]
  Event: { oneOf: [{ $ref: "#/$defs/PresenceJoined" }] }
"""
MEMBER = """
$defs:
  Status: { type: string, enum: [on, off] }
  Position: { type: string, examples: [2026-05-18] }
  Member:
    type: object
    properties:
      status: { $ref: "#/$defs/Status" }
      since: { type: [integer, "null"] }
      rooms: { type: array, items: { type: [string, number] } }
      state: { type: object, additionalProperties: { type: boolean } }
      "x-y": { anyOf: [{ $ref: "#/$defs/Position" }, { type: "null" }] }
    required: [status]
"""


@pytest.fixture
def typescript(tmp_path):
    """`typescript(member=MEMBER)`: the declarations of a small protocol."""

    def render(member=MEMBER, taken=("Position",)):
        (tmp_path / "schemas").mkdir(exist_ok=True)
        (tmp_path / "asyncapi.yaml").write_text(ASYNCAPI)
        (tmp_path / "schemas" / "realtime.yaml").write_text(REALTIME)
        (tmp_path / "schemas" / "member.yaml").write_text(member)
        return TypeScript(Schemas(tmp_path), taken).render()

    return render


def test_commands_replies_and_events_are_those_of_asyncapi(typescript):
    text = typescript()
    assert "export type ClientCommand =\n  | EnterCommand;" in text
    assert "export type ServerReply =\n  | EnteredReply\n  | SlotHeldEvent;" in text
    assert "export type ServerEvent =\n  | PresenceJoinedEvent\n  | SlotHeldEvent;" in text
    assert text.count("interface SlotHeldEvent ") == 1, "it is both, and one type"
    assert "export type Event " not in text, "the schema's own list of events would be told twice"


def test_an_event_is_one_interface_with_the_narrower_of_what_it_is_made_of(typescript):
    assert (
        "/** Somebody * / came. */\n"
        "export interface PresenceJoinedEvent {\n"
        '  type: "presence:joined";\n'
        "  topic: Room;\n"
        "  data: Member;\n"
        "}\n"
    ) in typescript()


def test_every_kind_of_value_has_its_type(typescript):
    text = typescript()
    assert "export type Room = `presence:${string}`;" in text
    assert 'export type MemberStatus = "on" | "off";' in text
    assert (
        "export interface Member {\n"
        "  status: MemberStatus;\n"
        "  since?: number | null;\n"
        "  rooms?: (string | number)[];\n"
        "  state?: Record<string, boolean>;\n"
        '  "x-y"?: MemberPosition | null;\n'
        "}\n"
    ) in text


def test_a_name_that_is_taken_gets_its_file_before_it(typescript):
    assert "export type MemberPosition = string;" in typescript()
    assert "export type Position = string;" in typescript(taken=())


def test_a_reference_to_nothing_is_told(typescript):
    with pytest.raises(SystemExit, match="member.yaml#Member refers to #/[$]defs/Nowhere"):
        typescript(MEMBER.replace("#/$defs/Status", "#/$defs/Nowhere"))

