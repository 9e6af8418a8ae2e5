use aei_core::api::{NewWebhook, Webhook, WebhookDelivery, WebhookId, WebhookSecret};

use crate::http::{Client, ClientError, Pages};

impl Client {
    /// The webhooks of the account (`GET webhooks`).
    pub fn webhooks(&self) -> Pages<Webhook> {
        Pages::new(self, &["webhooks"])
    }

    /// Makes a webhook (`POST webhooks`).
    pub async fn create_webhook(&self, webhook: &NewWebhook) -> Result<WebhookSecret, ClientError> {
        self.json(&self.post(&["webhooks"]).json(webhook)?).await
    }

    /// One webhook (`GET webhooks/{id}`).
    pub async fn webhook(&self, id: WebhookId) -> Result<Webhook, ClientError> {
        self.json(&self.get(&["webhooks", &id.to_string()])).await
    }

    /// Puts a webhook in the place of another; its secret stays (`PUT webhooks/{id}`).
    pub async fn put_webhook(
        &self,
        id: WebhookId,
        webhook: &NewWebhook,
    ) -> Result<Webhook, ClientError> {
        self.json(&self.put(&["webhooks", &id.to_string()]).json(webhook)?).await
    }

    /// Deletes a webhook (`DELETE webhooks/{id}`).
    pub async fn delete_webhook(&self, id: WebhookId) -> Result<(), ClientError> {
        self.done(&self.delete(&["webhooks", &id.to_string()])).await
    }

    /// What a webhook was told (`GET webhooks/{id}/deliveries`).
    pub fn webhook_deliveries(&self, id: WebhookId) -> Pages<WebhookDelivery> {
        Pages::new(self, &["webhooks", &id.to_string(), "deliveries"])
    }
}
