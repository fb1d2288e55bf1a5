import { describe, expect, it } from "vitest";

import type { Call } from "../api/types";
import { fieldsOf, fieldsToSend, moved, withNewField } from "./call-fields";

const call: Call = {
  id: "1",
  channel_id: "10",
  name: "Printers",
  technician: { id: "7", name: "Ines" },
  paused: false,
  fields: [
    { id: 16, label: "Building", required: true, kind: "choice", options: ["North", "South"] },
    { id: 17, label: "More", required: false, kind: "long_text", options: [] },
  ],
  created_at: "2026-11-21T22:00:00Z",
  link: "https://help.example.com/c/abc",
  may_manage: true,
};

describe("the fields of an SOS Call", () => {
  it("come back as they went, with their ids", () => {
    expect(fieldsToSend(fieldsOf(call).fields)).toEqual(call.fields);
    expect(fieldsOf(null)).toEqual({ name: "", technician: "", fields: [] });
  });

  it("take one answer of a choice a line and forget the answers of what is no choice", () => {
    const [first] = fieldsOf(call).fields;
    if (!first) throw new Error("no field");
    expect(fieldsToSend([{ ...first, options: " East \n\n West" }])[0]?.options).toEqual(["East", "West"]);
    expect(fieldsToSend([{ ...first, kind: "text" }])[0]?.options).toEqual([]);
  });

  it("get new keys and are moved as far as there is room", () => {
    const more = withNewField(withNewField(fieldsOf(call).fields, "text"), "text");
    expect(more.map((one) => one.key)).toEqual(["16", "17", "new-1", "new-2"]);
    expect(moved(more, 3, -1).map((one) => one.key)).toEqual(["16", "17", "new-2", "new-1"]);
    expect(moved(more, 0, -1)).toBe(more);
    expect(moved(more, 0, 9).map((one) => one.key)).toEqual(["17", "new-1", "new-2", "16"]);
  });
});
