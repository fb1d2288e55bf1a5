//! From what the desk knows to what REST shows, as seen by one technician.

mod channel;
mod settings;

use mayday_protocol::TechnicianId;
use mayday_protocol::control::{AgentState, Rights};
use mayday_session::Timestamp;
use mayday_session::chat::Audience;
use mayday_session::desk::{AskAgain, Consent, Member, Part, Stage, Status};
use mayday_session::form;
use mayday_session::permission::{Action, Role};
use mayday_session::verification::VerificationMode;

use super::types::{
    AccountState, AgentPresence, AnswerKind, AskVerification, AskVerificationMode, ConsentName,
    ControlAsk, Device, DisplayInfo, Id, Me, Moment, RequestAnswer, RightsName, RoleName, Session,
    SessionAction, SessionChannel, SessionPerson, SessionRating, SessionRequest, SessionTechnician,
    StatusName, SubState, SubStateKind, Talk, Technician,
};
use crate::desk::{self, Record};
use crate::directory::{Account, Snapshot};

pub use channel::{channel, group, routing_from, verification_from};
pub use settings::{agent, settings};

pub fn me(account: &Account) -> Me {
    let permissions = account.role.preset();
    Me {
        id: Id(account.id),
        name: account.name.clone(),
        email: account.email.clone(),
        role: role(account.role),
        permissions: permissions
            .iter()
            .map(|one| one.name().to_owned())
            .collect(),
        language: account.language.clone(),
    }
}

pub fn technician(account: &Account, online: bool) -> Technician {
    Technician {
        id: Id(account.id),
        name: account.name.clone(),
        email: account.email.clone(),
        role: role(account.role),
        state: match (account.disabled, account.set_up) {
            (true, _) => AccountState::Disabled,
            (false, true) => AccountState::Active,
            (false, false) => AccountState::Invited,
        },
        online,
        skills: account.skills.clone(),
    }
}

pub fn role(role: Role) -> RoleName {
    match role {
        Role::ChannelTechnician => RoleName::ChannelTechnician,
        Role::ChannelManager => RoleName::ChannelManager,
        Role::TechnicianManager => RoleName::TechnicianManager,
        Role::Owner => RoleName::Owner,
    }
}

pub fn role_from(name: RoleName) -> Role {
    match name {
        RoleName::ChannelTechnician => Role::ChannelTechnician,
        RoleName::ChannelManager => Role::ChannelManager,
        RoleName::TechnicianManager => Role::TechnicianManager,
        RoleName::Owner => Role::Owner,
    }
}

pub fn rights_from(name: RightsName) -> Rights {
    match name {
        RightsName::View => Rights::VIEW,
        RightsName::Control => Rights::CONTROL,
    }
}

fn rights(rights: Rights) -> Option<RightsName> {
    match (rights.view, rights.control) {
        (_, true) => Some(RightsName::Control),
        (true, false) => Some(RightsName::View),
        (false, false) => None,
    }
}

pub fn session(snapshot: &Snapshot, me: &Account, record: &Record, at: Timestamp) -> Session {
    let facts = record.facts();
    let actions = record.session.actions_for(record.actor(snapshot, me), at);
    let channel_name = snapshot
        .channel(facts.channel.0)
        .map(|one| one.name.clone());
    let waiting_since = desk::waiting_since(record, at);
    let technician_in = |slot| facts.member(slot).map(|one| Id(one.technician.0));
    Session {
        id: Id(facts.id.0),
        name: record.name.clone(),
        note: record.note.clone(),
        channel: SessionChannel {
            id: Id(facts.channel.0),
            name: channel_name.unwrap_or_default(),
        },
        status: status(record.session.status(at)),
        sub_state: sub_state(record, at),
        technicians: facts
            .members
            .iter()
            .map(|member| session_technician(snapshot, me, record, member, at))
            .collect(),
        created_at: Moment(facts.created_at),
        created_by: record.created_by.map(|id| SessionPerson {
            id: Id(id.0),
            name: name(snapshot, id),
        }),
        waiting_since: waiting_since.map(Moment),
        expires_at: Moment(facts.expires_at),
        closed_at: facts.closing.map(|closing| Moment(closing.at)),
        device: record.device.as_ref().map(device),
        request: record.request.as_deref().map(request),
        talk: talk(me, record),
        rating: record.annals.rating.as_ref().map(rating),
        controller_id: facts.controls(at).and_then(technician_in),
        control_ask: facts.request.and_then(|ask| {
            Some(ControlAsk {
                technician_id: technician_in(ask.slot)?,
                until: Moment(ask.until),
            })
        }),
        actions: actions.into_iter().filter_map(action).collect(),
    }
}

/// Unread is only what concerns me: in my own sessions, and in those that wait to be taken.
fn talk(me: &Account, record: &Record) -> Talk {
    let (facts, talk) = (record.facts(), &record.annals.talk);
    let technician = TechnicianId(me.id);
    let mine = facts.member_of(technician).is_some() || facts.assigned().is_none();
    let unread = |audience| {
        if mine {
            talk.unread(technician, audience)
        } else {
            0
        }
    };
    Talk {
        unread: unread(Audience::EndUser),
        unread_whispers: unread(Audience::Technicians),
        delivered: talk.got(),
        read: talk.read(),
    }
}

fn rating(rating: &desk::Rating) -> SessionRating {
    SessionRating {
        stars: rating.stars,
        words: rating.words.clone(),
        at: Moment(rating.at),
    }
}

pub fn status(status: Status) -> StatusName {
    match status {
        Status::Waiting => StatusName::Waiting,
        Status::Active => StatusName::Active,
        Status::InQueue => StatusName::InQueue,
        Status::Expired => StatusName::Expired,
        Status::Closed => StatusName::Closed,
    }
}

fn sub_state(record: &Record, at: Timestamp) -> SubState {
    let state = record.session.sub_state(at);
    let (kind, given, count) = match state.stage {
        Stage::Offline => (SubStateKind::Offline, None, 0),
        Stage::Ready => (SubStateKind::Ready, None, 0),
        Stage::Asking => (SubStateKind::Asking, None, 0),
        Stage::Unanswered => (SubStateKind::Unanswered, None, 0),
        Stage::Rejected => (SubStateKind::Rejected, None, 0),
        Stage::Granted { rights: given } => (SubStateKind::Granted, rights(given), 0),
        Stage::Connected {
            count,
            rights: given,
        } => (SubStateKind::Connected, rights(given), count),
    };
    SubState {
        kind,
        rights: given,
        count: count.into(),
        agent: match state.agent {
            AgentState::Away | AgentState::Unknown => AgentPresence::Away,
            AgentState::Lost => AgentPresence::Lost,
            AgentState::Here => AgentPresence::Here,
        },
        paused: state.paused,
        stopped: state.stopped,
        left: state.left,
    }
}

fn request(request: &desk::Request) -> SessionRequest {
    SessionRequest {
        call: request.call.map(|_| request.call_name.clone()),
        issue: request.issue().map(str::to_owned),
        answers: request
            .answers
            .iter()
            .map(|one| RequestAnswer {
                kind: match one.field {
                    form::NAME => AnswerKind::Name,
                    form::ISSUE => AnswerKind::Issue,
                    _ => AnswerKind::Own,
                },
                label: one.label.clone(),
                value: one.value.clone(),
            })
            .collect(),
    }
}

/// The code of a question is for the technician who asks.
fn verification(me: &Account, member: &Member, at: Timestamp) -> Option<AskVerification> {
    let asking = member.ask.filter(|ask| at < ask.until)?;
    let wanted = asking.verification?;
    (member.technician.0 == me.id).then(|| AskVerification {
        mode: match wanted.mode {
            VerificationMode::Compare => AskVerificationMode::Compare,
            VerificationMode::Type => AskVerificationMode::Type,
        },
        code: wanted.code.to_string(),
    })
}

fn session_technician(
    snapshot: &Snapshot,
    me: &Account,
    record: &Record,
    member: &Member,
    at: Timestamp,
) -> SessionTechnician {
    let consent = record.facts().consent(member.slot, at);
    let again_at = |again| match again {
        AskAgain::Now => Some(at),
        AskAgain::From(from) => Some(from),
        AskAgain::OnlyInvited => None,
    };
    let (name_of_consent, given, until, again) = match consent.unwrap_or(Consent::Idle) {
        Consent::Idle => (ConsentName::Idle, None, None, None),
        Consent::Asking {
            rights: asked,
            until,
            ..
        } => (ConsentName::Asking, rights(asked), Some(until), None),
        Consent::Granted { rights: given } => (ConsentName::Granted, rights(given), None, None),
        Consent::Connected { rights: given, .. } => {
            (ConsentName::Connected, rights(given), None, None)
        }
        Consent::Rejected { again, .. } => (ConsentName::Rejected, None, None, again_at(again)),
        Consent::Unanswered { again, .. } => (ConsentName::Unanswered, None, None, again_at(again)),
    };
    SessionTechnician {
        id: Id(member.technician.0),
        name: name(snapshot, member.technician),
        slot: member.slot.into(),
        assigned: member.part == Part::Assigned,
        consent: name_of_consent,
        rights: given,
        asks_left_until: until.map(Moment),
        stopped: member.stopped,
        reject_until: again.map(Moment),
        verification: verification(me, member, at),
    }
}

fn name(snapshot: &Snapshot, technician: TechnicianId) -> String {
    let account = snapshot.account(technician.0);
    account.map(|one| one.name.clone()).unwrap_or_default()
}

fn device(device: &desk::Device) -> Device {
    Device {
        host_name: device.host_name.clone(),
        os: device.os.clone(),
        os_name: device.os_name.clone(),
        os_version: device.os_version.clone(),
        cpu: device.cpu.clone(),
        cpu_cores: device.cpu_cores,
        memory_mb: device.memory_mb,
        user_name: device.user_name.clone(),
        local_addresses: device.local_addresses.clone(),
        public_address: device.public_address.clone(),
        displays: device
            .displays
            .iter()
            .map(|one| DisplayInfo {
                name: one.name.clone(),
                width: one.width,
                height: one.height,
            })
            .collect(),
        agent_version: device.agent_version.clone(),
        language: device.language.clone(),
    }
}

fn action(action: Action) -> Option<SessionAction> {
    Some(match action {
        Action::See => return None,
        Action::Ask => SessionAction::Ask,
        Action::Withdraw => SessionAction::Withdraw,
        Action::Connect => SessionAction::Connect,
        Action::Take => SessionAction::Take,
        Action::Release => SessionAction::Release,
        Action::Close => SessionAction::Close,
        Action::Delete => SessionAction::Delete,
        Action::ShowPin => SessionAction::ShowPin,
        Action::NewPin => SessionAction::NewPin,
        Action::CopyLink => SessionAction::CopyLink,
        Action::Extend => SessionAction::Extend,
        Action::Assign => SessionAction::Assign,
        Action::TransferUser => SessionAction::TransferUser,
        Action::TransferChannel => SessionAction::TransferChannel,
        Action::Invite => SessionAction::Invite,
        Action::Remove => SessionAction::Remove,
        Action::Edit => SessionAction::Edit,
        Action::Chat => SessionAction::Chat,
        Action::Whisper => SessionAction::Whisper,
        Action::Note => SessionAction::Note,
        Action::Control => SessionAction::Control,
    })
}
