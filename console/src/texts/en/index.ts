// All that the console says in English. An area is one file beside this one and the first part of a key; a new area gets two lines here.
import account from "./account.json";
import actions from "./actions.json";
import announce from "./announce.json";
import calls from "./calls.json";
import audit from "./audit.json";
import bulk from "./bulk.json";
import channels from "./channels.json";
import code from "./code.json";
import chat from "./chat.json";
import common from "./common.json";
import confirm from "./confirm.json";
import consent from "./consent.json";
import control from "./control.json";
import created from "./created.json";
import destination from "./destination.json";
import details from "./details.json";
import device from "./device.json";
import done from "./done.json";
import earlier from "./earlier.json";
import empty from "./empty.json";
import errors from "./errors.json";
import failure from "./failure.json";
import filter from "./filter.json";
import frame from "./frame.json";
import groups from "./groups.json";
import history from "./history.json";
import invite from "./invite.json";
import newSession from "./new.json";
import next from "./next.json";
import notes from "./notes.json";
import notify from "./notify.json";
import palette from "./palette.json";
import password from "./password.json";
import rating from "./rating.json";
import permissions from "./permissions.json";
import remote from "./remote.json";
import request from "./request.json";
import reports from "./reports.json";
import rights from "./rights.json";
import roleHints from "./roleHints.json";
import roles from "./roles.json";
import sessions from "./sessions.json";
import settings from "./settings.json";
import setUp from "./setUp.json";
import shortcuts from "./shortcuts.json";
import signIn from "./signIn.json";
import signIns from "./signIns.json";
import sort from "./sort.json";
import stations from "./stations.json";
import status from "./status.json";
import subState from "./subState.json";
import technicians from "./technicians.json";
import theme from "./theme.json";
import unsaved from "./unsaved.json";
import viewer from "./viewer.json";

export default {
  account,
  actions,
  announce,
  calls,
  audit,
  bulk,
  channels,
  code,
  chat,
  common,
  confirm,
  consent,
  control,
  created,
  destination,
  details,
  device,
  done,
  earlier,
  empty,
  errors,
  failure,
  filter,
  frame,
  groups,
  history,
  invite,
  new: newSession,
  next,
  notes,
  notify,
  palette,
  password,
  rating,
  permissions,
  remote,
  request,
  reports,
  rights,
  roleHints,
  roles,
  sessions,
  settings,
  setUp,
  shortcuts,
  signIn,
  signIns,
  sort,
  stations,
  status,
  subState,
  technicians,
  theme,
  unsaved,
  viewer,
};
