-- One text for both engines: only types and statements that SQLite and Postgres read alike.
-- Points in time are microseconds since 1970 in UTC. JSON is text: SQLite would take it for numbers.

create table "user" (
    id uuid primary key,
    name text not null,
    -- In lower case, so that `Ann` and `ann` are one.
    name_key text not null,
    password_hash text not null,
    created_at bigint not null
);
create unique index user_name_key on "user" (name_key);

create table token (
    id uuid primary key,
    user_id uuid not null references "user" (id) on delete cascade,
    -- `session` or `api`.
    kind text not null,
    name text not null,
    scope text not null,
    hash bytea not null,
    created_at bigint not null,
    expires_at bigint
);
create unique index token_hash on token (hash);
create index token_user on token (user_id, created_at, id);

create table enrolment_key (
    id uuid primary key,
    user_id uuid not null references "user" (id) on delete cascade,
    name text not null,
    labels text not null,
    hash bytea not null,
    created_at bigint not null,
    expires_at bigint,
    uses_left bigint
);
create unique index enrolment_key_hash on enrolment_key (hash);
create index enrolment_key_user on enrolment_key (user_id, created_at, id);

create table node (
    id uuid primary key,
    user_id uuid not null references "user" (id) on delete cascade,
    name text not null,
    token_hash bytea not null,
    -- Set on the server; they win over those in `info`.
    labels text not null,
    info text not null,
    registered_at bigint not null,
    last_seen_at bigint
);
create unique index node_token_hash on node (token_hash);
create index node_user on node (user_id, registered_at, id);

create table template (
    user_id uuid not null references "user" (id) on delete cascade,
    name text not null,
    description text,
    latest bigint not null,
    created_at bigint not null,
    primary key (user_id, name)
);

create table template_version (
    user_id uuid not null,
    name text not null,
    version bigint not null,
    format text not null,
    sha256 text not null,
    size bigint not null,
    cases bigint not null,
    signature text,
    -- Cases and inputs, as far as pages and runs must know them.
    outline text not null,
    created_at bigint not null,
    primary key (user_id, name, version),
    foreign key (user_id, name) references template (user_id, name) on delete cascade
);

create table assignment (
    user_id uuid not null,
    template text not null,
    case_id text not null,
    node_id uuid not null references node (id) on delete cascade,
    primary key (user_id, template, case_id, node_id),
    foreign key (user_id, template) references template (user_id, name) on delete cascade
);
create index assignment_node on assignment (node_id);

create table assignment_rule (
    user_id uuid not null,
    template text not null,
    place bigint not null,
    cases text not null,
    labels text not null,
    primary key (user_id, template, place),
    foreign key (user_id, template) references template (user_id, name) on delete cascade
);

create table run (
    id uuid primary key,
    user_id uuid not null references "user" (id) on delete cascade,
    template text not null,
    version bigint,
    -- JSON of the wire's `RunOrigin`.
    origin text not null,
    state text not null,
    status text,
    request text,
    created_at bigint not null,
    started_at bigint,
    finished_at bigint,
    keep_until bigint
);
create index run_user on run (user_id, created_at, id);
create index run_template on run (user_id, template, created_at);
create index run_keep_until on run (keep_until);

create table run_node (
    command_id uuid primary key,
    run_id uuid not null references run (id) on delete cascade,
    user_id uuid not null,
    -- No reference: history outlives the node.
    node_id uuid not null,
    node_name text not null,
    state text not null,
    status text,
    summary text not null,
    cases text,
    reason text,
    next_seq bigint not null,
    created_at bigint not null,
    started_at bigint,
    finished_at bigint
);
create index run_node_run on run_node (run_id, created_at, command_id);
create index run_node_node on run_node (node_id, created_at);

create table node_command (
    id uuid primary key,
    node_id uuid not null references node (id) on delete cascade,
    user_id uuid not null,
    run_id uuid not null references run (id) on delete cascade,
    -- `START` or `RUNNING`; when it is done the row is gone.
    status text not null,
    -- JSON of the wire's `NodeCommand`.
    payload text not null,
    cancel boolean not null,
    created_at bigint not null,
    -- How long a RUNNING command is believed in without a sign of life.
    lease_until bigint
);
create index node_command_node on node_command (node_id, created_at, id);
create index node_command_run on node_command (run_id);
create index node_command_lease on node_command (lease_until);

create table event_batch (
    command_id uuid not null references run_node (command_id) on delete cascade,
    first_seq bigint not null,
    next_seq bigint not null,
    -- NDJSON, as it came.
    body text not null,
    primary key (command_id, first_seq)
);

create table case_result (
    command_id uuid not null references run_node (command_id) on delete cascade,
    case_index bigint not null,
    run_id uuid not null,
    node_id uuid not null,
    user_id uuid not null,
    template text not null,
    case_id text not null,
    name text not null,
    role text not null,
    status text,
    flaky boolean not null,
    started_at bigint not null,
    duration_us bigint,
    reason text,
    primary key (command_id, case_index)
);
create index case_result_run on case_result (run_id, node_id, case_index);
create index case_result_history on case_result (user_id, template, case_id, started_at);

create table measurement (
    command_id uuid not null references run_node (command_id) on delete cascade,
    seq bigint not null,
    place bigint not null,
    run_id uuid not null,
    node_id uuid not null,
    user_id uuid not null,
    template text not null,
    case_id text not null,
    name text not null,
    unit text,
    value double precision,
    low double precision,
    high double precision,
    passed boolean not null,
    at bigint not null,
    primary key (command_id, seq, place)
);
create index measurement_history on measurement (user_id, template, case_id, name, at);

create table artifact (
    command_id uuid not null references run_node (command_id) on delete cascade,
    path text not null,
    media_type text not null,
    size bigint not null,
    sha256 text not null,
    primary key (command_id, path)
);

create table schedule (
    id uuid primary key,
    user_id uuid not null references "user" (id) on delete cascade,
    body text not null,
    created_at bigint not null,
    next_at bigint,
    last_run uuid,
    last_error text
);
create index schedule_user on schedule (user_id, created_at, id);
create index schedule_next on schedule (next_at);

create table webhook (
    id uuid primary key,
    user_id uuid not null references "user" (id) on delete cascade,
    body text not null,
    secret text not null,
    created_at bigint not null
);
create index webhook_user on webhook (user_id, created_at, id);

create table webhook_delivery (
    id uuid primary key,
    webhook_id uuid not null references webhook (id) on delete cascade,
    user_id uuid not null,
    event text not null,
    body text not null,
    attempts bigint not null,
    delivered boolean not null,
    status bigint,
    error text,
    created_at bigint not null,
    next_at bigint
);
create index webhook_delivery_webhook on webhook_delivery (webhook_id, created_at, id);
create index webhook_delivery_next on webhook_delivery (next_at);

create table applied_command (
    id uuid primary key,
    user_id uuid not null,
    -- JSON of the receipt, given again when the command comes again.
    receipt text not null,
    at bigint not null
);
create index applied_command_at on applied_command (at);

create table audit_log (
    id uuid primary key,
    user_id uuid not null,
    at bigint not null,
    action text not null,
    subject text not null,
    address text
);
create index audit_log_user on audit_log (user_id, at, id);
