use aei_core::api::UserEvent;
use serde_json::{Value, json};

use super::{Applied, Applying, News};
use crate::command::{
    ChangePassword, CreateEnrolmentKey, CreateToken, DeleteEnrolmentKey, DeleteToken, RegisterUser,
    Rejection, TokenKind,
};
use crate::store::{keys, tokens, users};

pub(super) async fn register_user(cx: &mut Applying<'_>, command: &RegisterUser) -> Applied {
    if users::by_name(cx.db, &command.name).await?.is_some() {
        let title = format!("the name `{}` is taken", command.name);
        return Err(Rejection::conflict("name-taken", title).into());
    }
    let user = cx.user();
    users::insert(cx.db, user, command, cx.at()).await?;
    cx.log("user.registered", &command.name).await?;
    Ok(json!({ "user_id": user }))
}

pub(super) async fn change_password(cx: &mut Applying<'_>, command: &ChangePassword) -> Applied {
    let user = cx.user();
    users::set_password(cx.db, user, &command.password_hash).await?;
    tokens::delete_sessions(cx.db, user).await?;
    cx.news.push(News::Tokens);
    cx.log("user.password_changed", user).await?;
    Ok(Value::Null)
}

pub(super) async fn delete_user(cx: &mut Applying<'_>) -> Applied {
    let user = cx.user();
    for node in crate::store::nodes::ids(cx.db, user).await? {
        cx.news.push(News::NodeGone(node));
    }
    if !users::delete(cx.db, user).await? {
        return Err(Rejection::not_found("user").into());
    }
    cx.news.push(News::Tokens);
    cx.log("user.deleted", user).await?;
    Ok(Value::Null)
}

pub(super) async fn create_token(cx: &mut Applying<'_>, command: &CreateToken) -> Applied {
    let user = cx.user();
    if users::by_id(cx.db, user).await?.is_none() {
        return Err(Rejection::not_found("user").into());
    }
    tokens::insert(cx.db, user, command, cx.at()).await?;
    match command.kind {
        TokenKind::Session => cx.log("session.began", command.id).await?,
        TokenKind::Api => {
            cx.tell(UserEvent::Settings);
            cx.log("token.created", &command.name).await?;
        }
    }
    Ok(json!({ "token_id": command.id }))
}

pub(super) async fn delete_token(cx: &mut Applying<'_>, command: &DeleteToken) -> Applied {
    if !tokens::delete(cx.db, cx.user(), command.id).await? {
        return Err(Rejection::not_found("token").into());
    }
    cx.news.push(News::Tokens);
    cx.tell(UserEvent::Settings);
    cx.log("token.deleted", command.id).await?;
    Ok(Value::Null)
}

pub(super) async fn create_key(cx: &mut Applying<'_>, command: &CreateEnrolmentKey) -> Applied {
    keys::insert(cx.db, cx.user(), command, cx.at()).await?;
    cx.tell(UserEvent::Settings);
    cx.log("enrolment_key.created", &command.name).await?;
    Ok(json!({ "key_id": command.id }))
}

pub(super) async fn delete_key(cx: &mut Applying<'_>, command: &DeleteEnrolmentKey) -> Applied {
    if !keys::delete(cx.db, cx.user(), command.id).await? {
        return Err(Rejection::not_found("enrolment key").into());
    }
    cx.tell(UserEvent::Settings);
    cx.log("enrolment_key.deleted", command.id).await?;
    Ok(Value::Null)
}
