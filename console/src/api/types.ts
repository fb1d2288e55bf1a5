// The names by which the console calls the gateway's types. The shapes themselves are generated (schema.d.ts).
import type { components } from "./schema";

type Schemas = components["schemas"];

export type Session = Schemas["Session"];
export type Status = Schemas["Status"];
export type SubState = Schemas["SubState"];
export type SessionTechnician = Schemas["SessionTechnician"];
export type Device = Schemas["Device"];
export type Rights = Schemas["Rights"];
export type SessionAction = Schemas["SessionAction"];
export type Channel = Schemas["Channel"];
export type Technician = Schemas["Technician"];
export type Role = Schemas["Role"];
export type Me = Schemas["Me"];
export type System = Schemas["System"];
export type HistoryEntry = Schemas["HistoryEntry"];
export type Call = Schemas["Call"];
export type CallField = Schemas["FormField"];
export type AuditRecord = Schemas["AuditRecord"];
export type AuditPart = Schemas["AuditPart"];
export type ChatAudience = Schemas["ChatAudience"];
export type ChatMessage = Schemas["ChatMessage"];
export type ChatNews = Schemas["ChatNews"];
export type ChatPage = Schemas["ChatPage"];
export type Note = Schemas["Note"];
export type SessionRating = Schemas["SessionRating"];
export type Report = Schemas["Report"];
export type ReportRow = Schemas["ReportRow"];
export type Routing = Schemas["Routing"];
export type RoutingRule = Schemas["RoutingRule"];
export type Verification = Schemas["Verification"];
export type Group = Schemas["Group"];
export type SubjectKind = Schemas["SubjectKind"];
export type RefinedSubject = Schemas["RefinedSubject"];
export type ChannelPermissions = Schemas["ChannelPermissions"];
export type PermissionLine = Schemas["PermissionLine"];
