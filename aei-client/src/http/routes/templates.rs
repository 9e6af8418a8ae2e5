use aei_core::api::{Problem, SIGNATURE_HEADER, Template, TemplateFormat, TemplateVersion};
use bytes::Bytes;
use reqwest::header::HeaderName;

use crate::http::{Call, Client, ClientError, Content, Download, Pages};

/// A template as it was uploaded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TemplateBytes {
    /// How it is written.
    pub format: TemplateFormat,
    /// Its bytes.
    pub bytes: Bytes,
    /// Its detached signature, if it has one.
    pub signature: Option<String>,
}

impl Client {
    /// The templates of the account (`GET templates`).
    pub fn templates(&self) -> Pages<Template> {
        Pages::new(self, &["templates"])
    }

    /// Stores a template, or a new version of it (`PUT templates/{name}`).
    pub async fn put_template(
        &self,
        name: &str,
        template: &TemplateBytes,
    ) -> Result<Template, ClientError> {
        let mut call = upload(self.put(&["templates", name]), template.format, &template.bytes);
        if let Some(signature) = &template.signature {
            let header = HeaderName::from_static(SIGNATURE_HEADER);
            call = call.header(header, signature.trim())?;
        }
        self.json(&call).await
    }

    /// Looks a template over without storing it (`POST templates/validate`). The mistakes are
    /// those of the problem; none at all: it can run.
    pub async fn validate_template(
        &self,
        format: TemplateFormat,
        bytes: &Bytes,
    ) -> Result<Option<Box<Problem>>, ClientError> {
        match self.done(&upload(self.post(&["templates", "validate"]), format, bytes)).await {
            Ok(()) => Ok(None),
            Err(ClientError::Problem(problem)) if !problem.mistakes.is_empty() => Ok(Some(problem)),
            Err(error) => Err(error),
        }
    }

    /// One template (`GET templates/{name}`).
    pub async fn template(&self, name: &str) -> Result<Template, ClientError> {
        self.json(&self.get(&["templates", name])).await
    }

    /// Deletes a template with all its versions (`DELETE templates/{name}`).
    pub async fn delete_template(&self, name: &str) -> Result<(), ClientError> {
        self.done(&self.delete(&["templates", name])).await
    }

    /// The latest version as it was uploaded (`GET templates/{name}/content`).
    pub async fn template_content(&self, name: &str) -> Result<TemplateBytes, ClientError> {
        self.content(&["templates", name, "content"]).await
    }

    /// The versions of a template (`GET templates/{name}/versions`).
    pub fn template_versions(&self, name: &str) -> Pages<TemplateVersion> {
        Pages::new(self, &["templates", name, "versions"])
    }

    /// One version of a template (`GET templates/{name}/versions/{version}`).
    pub async fn template_version(
        &self,
        name: &str,
        version: u32,
    ) -> Result<TemplateVersion, ClientError> {
        self.json(&self.get(&["templates", name, "versions", &version.to_string()])).await
    }

    /// One version as it was uploaded (`GET templates/{name}/versions/{version}/content`).
    pub async fn template_version_content(
        &self,
        name: &str,
        version: u32,
    ) -> Result<TemplateBytes, ClientError> {
        self.content(&["templates", name, "versions", &version.to_string(), "content"]).await
    }

    pub(super) async fn content(&self, path: &[&str]) -> Result<TemplateBytes, ClientError> {
        let response = self.send(&self.get(path)).await?;
        let download = Download::new(self.clone(), response);
        let signature = download.header(SIGNATURE_HEADER).map(str::to_owned);
        let is_json = download.media_type().is_some_and(|media_type| media_type.contains("json"));
        let format = if is_json { TemplateFormat::Json } else { TemplateFormat::Yaml };
        Ok(TemplateBytes { format, bytes: download.bytes().await?, signature })
    }
}

fn upload(call: Call, format: TemplateFormat, bytes: &Bytes) -> Call {
    let media_type = match format {
        TemplateFormat::Json => "application/json",
        TemplateFormat::Yaml => "application/yaml",
    };
    call.content(media_type, Content::Bytes(bytes.clone()))
}
