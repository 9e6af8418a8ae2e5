use aei_core::api::{
    ChangePassword, CreatedEnrolmentKey, CreatedToken, Credentials, EnrolmentKey, EnrolmentKeyId,
    NewEnrolmentKey, NewToken, Token, TokenId, User,
};
use reqwest::Method;
use reqwest::header::{COOKIE, SET_COOKIE};

use crate::http::{Call, Client, ClientError, Pages};

/// Who logged in, and the token that was made for this program.
#[derive(Debug, Clone)]
pub struct Login {
    /// The account.
    pub user: User,
    /// Its new token. Keep the secret; it is not shown again.
    pub token: CreatedToken,
}

/// The session's cookie, which is needed between logging in and the token that replaces it.
struct Session {
    user: User,
    cookie: String,
}

impl Client {
    /// Makes an account (`POST auth/register`).
    pub async fn register(&self, credentials: &Credentials) -> Result<User, ClientError> {
        self.json(&self.post(&["auth", "register"]).json(credentials)?).await
    }

    /// Logs in (`POST auth/login`), makes a token and forgets the session again.
    pub async fn login(
        &self,
        credentials: &Credentials,
        token: &NewToken,
    ) -> Result<Login, ClientError> {
        let session = self.open_session(credentials).await?;
        let create = self.post(&["tokens"]).header(COOKIE, &session.cookie)?.json(token)?;
        let created = self.json(&create).await;
        let logout = self.post(&["auth", "logout"]).header(COOKIE, &session.cookie)?;
        let closed = self.done(&logout).await;
        let token = created?;
        if let Err(error) = closed {
            tracing::debug!(%error, "the session could not be closed; it ends by itself");
        }
        Ok(Login { user: session.user, token })
    }

    async fn open_session(&self, credentials: &Credentials) -> Result<Session, ClientError> {
        let response = self.send(&self.post(&["auth", "login"]).json(credentials)?).await?;
        let cookies: Vec<String> = (response.headers().get_all(SET_COOKIE).iter())
            .filter_map(|value| value.to_str().ok()?.split(';').next().map(str::to_owned))
            .collect();
        let body = self.read(response).await?;
        let wrong = |what: String| ClientError::Answer { server: self.server(), what };
        if cookies.is_empty() {
            return Err(wrong("logging in gave no session".to_owned()));
        }
        let user = serde_json::from_slice(&body)
            .map_err(|error| wrong(format!("its answer cannot be read: {error}")))?;
        Ok(Session { user, cookie: cookies.join("; ") })
    }

    /// Whose token this is (`GET me`).
    pub async fn me(&self) -> Result<User, ClientError> {
        self.json(&self.get(&["me"])).await
    }

    /// Changes the password (`PUT me/password`).
    pub async fn change_password(&self, change: &ChangePassword) -> Result<(), ClientError> {
        self.done(&self.put(&["me", "password"]).json(change)?).await
    }

    /// Deletes the account with all that is in it (`DELETE me`).
    pub async fn delete_account(&self) -> Result<(), ClientError> {
        self.done(&self.delete(&["me"])).await
    }

    /// The tokens of the account (`GET tokens`).
    pub fn tokens(&self) -> Pages<Token> {
        Pages::new(self, &["tokens"])
    }

    /// Makes a token (`POST tokens`).
    pub async fn create_token(&self, token: &NewToken) -> Result<CreatedToken, ClientError> {
        self.json(&self.post(&["tokens"]).json(token)?).await
    }

    /// Ends a token (`DELETE tokens/{id}`).
    pub async fn delete_token(&self, id: TokenId) -> Result<(), ClientError> {
        self.done(&self.delete(&["tokens", &id.to_string()])).await
    }

    /// The keys by which nodes register (`GET enrolment-keys`).
    pub fn enrolment_keys(&self) -> Pages<EnrolmentKey> {
        Pages::new(self, &["enrolment-keys"])
    }

    /// Makes a key by which nodes register (`POST enrolment-keys`).
    pub async fn create_enrolment_key(
        &self,
        key: &NewEnrolmentKey,
    ) -> Result<CreatedEnrolmentKey, ClientError> {
        self.json(&self.post(&["enrolment-keys"]).json(key)?).await
    }

    /// Ends a key; nodes that registered with it stay (`DELETE enrolment-keys/{id}`).
    pub async fn delete_enrolment_key(&self, id: EnrolmentKeyId) -> Result<(), ClientError> {
        self.done(&self.delete(&["enrolment-keys", &id.to_string()])).await
    }

    pub(super) fn get(&self, path: &[&str]) -> Call {
        Call::new(self, Method::GET, path)
    }

    pub(super) fn post(&self, path: &[&str]) -> Call {
        Call::new(self, Method::POST, path)
    }

    pub(super) fn put(&self, path: &[&str]) -> Call {
        Call::new(self, Method::PUT, path)
    }

    pub(super) fn patch(&self, path: &[&str]) -> Call {
        Call::new(self, Method::PATCH, path)
    }

    pub(super) fn delete(&self, path: &[&str]) -> Call {
        Call::new(self, Method::DELETE, path)
    }
}
