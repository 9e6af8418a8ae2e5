use aei_core::api::{NewSchedule, Schedule, ScheduleId};

use crate::http::{Client, ClientError, Pages};

impl Client {
    /// The schedules of the account (`GET schedules`).
    pub fn schedules(&self) -> Pages<Schedule> {
        Pages::new(self, &["schedules"])
    }

    /// Makes a schedule (`POST schedules`).
    pub async fn create_schedule(&self, schedule: &NewSchedule) -> Result<Schedule, ClientError> {
        self.json(&self.post(&["schedules"]).json(schedule)?).await
    }

    /// One schedule (`GET schedules/{id}`).
    pub async fn schedule(&self, id: ScheduleId) -> Result<Schedule, ClientError> {
        self.json(&self.get(&["schedules", &id.to_string()])).await
    }

    /// Puts a schedule in the place of another (`PUT schedules/{id}`).
    pub async fn put_schedule(
        &self,
        id: ScheduleId,
        schedule: &NewSchedule,
    ) -> Result<Schedule, ClientError> {
        self.json(&self.put(&["schedules", &id.to_string()]).json(schedule)?).await
    }

    /// Deletes a schedule; runs that it began stay (`DELETE schedules/{id}`).
    pub async fn delete_schedule(&self, id: ScheduleId) -> Result<(), ClientError> {
        self.done(&self.delete(&["schedules", &id.to_string()])).await
    }
}
