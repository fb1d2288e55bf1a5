//! What a channel says about the permissions of a technician or a group, and what comes of it.

use axum::{Json, extract::State};
use mayday_session::permission::{Permission, Permissions, Refinements, Setting};

use super::extract::{JsonBody, PathOf, SignedIn};
use super::types::{
    BecauseName, ChannelPermissions, ErrorBody, GroupSetting, Id, PermissionLine,
    PermissionSettings, RefinedSubject, RefinementName, SubjectKind,
};
use super::{ApiError, access, show};
use crate::app::App;
use crate::channels::{Because, explained, groups_of};
use crate::directory::{Account, Channel, Snapshot, Subject};

/// About whom the channel says something, by name. Needs `channel.manage_members` there.
#[utoipa::path(get, path = "/channels/{id}/permissions", tag = "permissions", params(("id" = Id, Path)), responses(
    (status = OK, body = Vec<RefinedSubject>),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn list(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf(id): PathOf<Id>,
) -> Result<Json<Vec<RefinedSubject>>, ApiError> {
    let channel = app.channels.refinable(&me.account, id.0)?;
    let snapshot = app.directory.now();
    let about = channel.refinements.iter();
    let mut subjects: Vec<_> = about
        .filter_map(|(&subject, &said)| Some((subject, name(&snapshot, subject)?, said)))
        .map(|(subject, name, said)| RefinedSubject {
            kind: kind(subject),
            id: Id(subject.id()),
            name,
            on: count(said, Setting::On),
            off: count(said, Setting::Off),
        })
        .collect();
    subjects.sort_by_cached_key(|one| (one.name.to_lowercase(), one.id));
    Ok(Json(subjects))
}

/// Each permission of a technician or group in the channel, and what decides it. Needs `channel.manage_members` there.
#[utoipa::path(get, path = "/channels/{id}/permissions/{kind}/{subject_id}", tag = "permissions",
    params(("id" = Id, Path), ("kind" = SubjectKind, Path), ("subject_id" = Id, Path)), responses(
    (status = OK, body = ChannelPermissions),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
))]
pub async fn one(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf((id, kind, about)): PathOf<(Id, SubjectKind, Id)>,
) -> Result<Json<ChannelPermissions>, ApiError> {
    let channel = app.channels.refinable(&me.account, id.0)?;
    shown(
        &app.directory.now(),
        &me.account,
        &channel,
        subject(kind, about),
    )
}

/// Says everything anew about a technician or group; what is not named is inherited. Nobody gives what they do not have.
#[utoipa::path(put, path = "/channels/{id}/permissions/{kind}/{subject_id}", tag = "permissions",
    params(("id" = Id, Path), ("kind" = SubjectKind, Path), ("subject_id" = Id, Path)), request_body = PermissionSettings, responses(
    (status = OK, body = ChannelPermissions),
    (status = FORBIDDEN, body = ErrorBody),
    (status = NOT_FOUND, body = ErrorBody),
    (status = UNPROCESSABLE_ENTITY, body = ErrorBody),
))]
pub async fn put(
    State(app): State<App>,
    SignedIn(me): SignedIn,
    PathOf((id, kind, about)): PathOf<(Id, SubjectKind, Id)>,
    JsonBody(body): JsonBody<PermissionSettings>,
) -> Result<Json<ChannelPermissions>, ApiError> {
    let before = app.directory.now();
    let (subject, wanted) = (subject(kind, about), wanted(&body)?);
    app.channels
        .refine(&me.account, id.0, subject, wanted)
        .await?;
    access::changed(&app, &before).await;
    let snapshot = app.directory.now();
    let channel = snapshot.channel(id.0);
    let channel = channel.ok_or_else(|| ApiError::not_found("this channel does not exist"))?;
    shown(&snapshot, &me.account, channel, subject)
}

fn wanted(body: &PermissionSettings) -> Result<Refinements, ApiError> {
    let mut wanted = Refinements::NONE;
    for (name, setting) in &body.settings {
        let permission = Permission::parse(name)
            .ok_or_else(|| ApiError::field("settings", "there is no such permission"))?;
        wanted = wanted.and(
            permission,
            match setting {
                RefinementName::On => Setting::On,
                RefinementName::Off => Setting::Off,
            },
        );
    }
    Ok(wanted)
}

fn shown(
    snapshot: &Snapshot,
    me: &Account,
    channel: &Channel,
    subject: Subject,
) -> Result<Json<ChannelPermissions>, ApiError> {
    let missing = || ApiError::not_found("there is no such technician or group");
    let mine = snapshot.permissions(me, channel);
    let (role, editable, lines) = match subject {
        Subject::Technician(id) => {
            let account = snapshot.account(id).ok_or_else(missing)?;
            let editable = account.id != me.id && account.role <= me.role;
            let lines = technician_lines(snapshot, mine, channel, account);
            (Some(show::role(account.role)), editable, lines)
        }
        Subject::Group(_) => (None, true, group_lines(mine, channel.about(subject))),
    };
    Ok(Json(ChannelPermissions {
        kind: kind(subject),
        id: Id(subject.id()),
        name: name(snapshot, subject).ok_or_else(missing)?,
        role,
        editable,
        lines,
    }))
}

fn technician_lines(
    snapshot: &Snapshot,
    mine: Permissions,
    channel: &Channel,
    account: &Account,
) -> Vec<PermissionLine> {
    let groups = groups_of(snapshot, account);
    let lines = explained(snapshot, channel, account).into_iter();
    lines
        .map(|line| PermissionLine {
            permission: line.permission.name().to_owned(),
            setting: line.setting.map(refinement),
            allowed: Some(line.allowed),
            because: Some(match line.because {
                Because::Owner => BecauseName::Owner,
                Because::NotInChannel => BecauseName::NotInChannel,
                Because::Role => BecauseName::Role,
                Because::Technician => BecauseName::Technician,
                Because::Group(_) => BecauseName::Group,
            }),
            by_group: line.by_group.and_then(|(index, setting)| {
                let group = groups.get(index)?;
                Some(GroupSetting {
                    name: group.name.clone(),
                    setting: refinement(setting),
                })
            }),
            by_role: Some(account.role.preset().contains(line.permission)),
            can_give: mine.contains(line.permission),
        })
        .collect()
}

fn group_lines(mine: Permissions, said: Refinements) -> Vec<PermissionLine> {
    let of_a_channel = Permission::ALL
        .into_iter()
        .filter(|one| one.is_of_a_channel());
    of_a_channel
        .map(|permission| PermissionLine {
            permission: permission.name().to_owned(),
            setting: said.about(permission).map(refinement),
            allowed: None,
            because: None,
            by_group: None,
            by_role: None,
            can_give: mine.contains(permission),
        })
        .collect()
}

fn refinement(setting: Setting) -> RefinementName {
    match setting {
        Setting::On => RefinementName::On,
        Setting::Off => RefinementName::Off,
    }
}

fn subject(kind: SubjectKind, id: Id) -> Subject {
    match kind {
        SubjectKind::Technician => Subject::Technician(id.0),
        SubjectKind::Group => Subject::Group(id.0),
    }
}

fn kind(subject: Subject) -> SubjectKind {
    match subject {
        Subject::Technician(_) => SubjectKind::Technician,
        Subject::Group(_) => SubjectKind::Group,
    }
}

fn name(snapshot: &Snapshot, subject: Subject) -> Option<String> {
    match subject {
        Subject::Technician(id) => snapshot.account(id).map(|one| one.name.clone()),
        Subject::Group(id) => snapshot.group(id).map(|one| one.name.clone()),
    }
}

fn count(said: Refinements, setting: Setting) -> u32 {
    let found = said.iter().filter(|(_, one)| *one == setting);
    u32::try_from(found.count()).unwrap_or(u32::MAX)
}
