// The fields of an SOS Call's form while they are edited, and back to what the gateway takes. Pure.
import type { Call, CallField } from "../api/types";

/** One field under construction; `key` stays while it is moved about. */
export interface EditedField {
  key: string;
  id?: number;
  label: string;
  required: boolean;
  kind: CallField["kind"];
  /** One answer a line. */
  options: string;
}

export interface CallFields {
  name: string;
  /** Empty: nobody. */
  technician: string;
  fields: EditedField[];
}

export const FIELDS_MAX = 10;

export function fieldsOf(call: Call | null): CallFields {
  if (!call) return { name: "", technician: "", fields: [] };
  return {
    name: call.name,
    technician: call.technician?.id ?? "",
    fields: call.fields.map((one, index) => ({
      key: `${one.id ?? index}`,
      id: one.id ?? undefined,
      label: one.label,
      required: one.required ?? false,
      kind: one.kind,
      options: (one.options ?? []).join("\n"),
    })),
  };
}

/** The answers of a choice: one a line, blanks and empty lines do not count. */
export const optionsOf = (field: EditedField) =>
  field.options
    .split("\n")
    .map((line) => line.trim())
    .filter(Boolean);

export function fieldsToSend(fields: EditedField[]): CallField[] {
  return fields.map((field) => ({
    id: field.id ?? null,
    label: field.label.trim(),
    required: field.required,
    kind: field.kind,
    options: field.kind === "choice" ? optionsOf(field) : [],
  }));
}

export function withNewField(fields: EditedField[], kind: CallField["kind"]): EditedField[] {
  const key = `new-${Math.max(0, ...fields.map((one) => Number(/^new-(\d+)$/.exec(one.key)?.[1] ?? 0))) + 1}`;
  return [...fields, { key, label: "", required: false, kind, options: "" }];
}

/** Moves the field at `from` by `by` places, as far as there is room. */
export function moved(fields: EditedField[], from: number, by: number): EditedField[] {
  const to = Math.min(fields.length - 1, Math.max(0, from + by));
  const field = fields[from];
  if (!field || to === from) return fields;
  const rest = fields.filter((_, index) => index !== from);
  return [...rest.slice(0, to), field, ...rest.slice(to)];
}
