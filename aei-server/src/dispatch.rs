//! Decides which node gets which cases of a run.

mod spread;

use std::collections::{BTreeMap, BTreeSet, HashMap};

use aei_core::api::{
    Assignments, CommandId, CommandState, NewRun, Node, NodeCommand, NodeId, RunOrigin, Target,
    TemplateCase, TemplateReference, UserId,
};
use aei_core::diagnostic::nearest;
use aei_core::event::RunId;
use aei_core::labels::LabelSelector;
use globset::{Glob, GlobSet, GlobSetBuilder};

use crate::api::ApiError;
use crate::command::{RunPart, StartRun};
use crate::state::fresh_id;
use crate::store::templates::{Outline, VersionRow};
use crate::store::{Connection, cases, moment, nodes, runs, templates};

/// The cases of each node: places in the outline, or ids with matrix values.
type Shares = BTreeMap<NodeId, BTreeSet<String>>;

/// Makes the command that begins a run.
pub(crate) async fn plan(
    db: &mut Connection,
    user: UserId,
    request: NewRun,
    (id, origin, at): (RunId, RunOrigin, i64),
    keep_days: Option<u32>,
) -> Result<StartRun, ApiError> {
    let row = templates::version(db, user, &request.template, request.version).await?;
    let row = row.ok_or_else(|| unknown_template(&request))?;
    let outline = row.outline()?;
    check_inputs(&request, &outline)?;
    let mut known = nodes::all(db, user).await?;
    known.sort_by_key(|node| node.id);
    let shares = match request.rerun_failed {
        Some(run) => again(db, user, run).await?,
        None => share(db, user, &request, &outline, &known).await?,
    };
    if shares.is_empty() {
        return Err(nobody(&request, &outline, &known));
    }
    let names: HashMap<NodeId, &Node> = known.iter().map(|node| (node.id, node)).collect();
    let mut parts = Vec::with_capacity(shares.len());
    for (node, cases) in shares {
        let Some(found) = names.get(&node) else {
            return Err(ApiError::unprocessable(
                "unknown-node",
                format!("there is no node {node}"),
            ));
        };
        let is_all = outline.cases.iter().all(|case| cases.contains(&case.id));
        let cases = (!is_all).then(|| in_order(&outline, cases));
        let mut command = command(&request, &row, (id, at), cases);
        command.labels = set_labels(found);
        parts.push(RunPart { node, node_name: found.name.clone(), command });
    }
    let keep = request.keep_days.or(keep_days);
    Ok(StartRun {
        id,
        origin,
        template: request.template.clone(),
        version: row.version(),
        keep_until: keep.map(|days| at + i64::from(days) * 86_400_000_000),
        request: crate::store::to_value(&without_secrets(request, &outline)),
        parts,
    })
}

fn command(
    request: &NewRun,
    row: &VersionRow,
    (run_id, at): (RunId, i64),
    cases: Option<Vec<String>>,
) -> NodeCommand {
    NodeCommand {
        id: CommandId(fresh_id()),
        run_id,
        state: CommandState::Start,
        template: TemplateReference {
            name: request.template.clone(),
            version: row.version(),
            sha256: row.sha256.clone(),
            signature: row.signature.clone(),
        },
        cases,
        inputs: request.inputs.clone(),
        labels: BTreeMap::new(),
        settings: request.settings.clone(),
        rerun_if_interrupted: request.rerun_if_interrupted,
        created_at: moment(at),
    }
}

/// Every node that is asked for gets every case that is asked for and that it can meet.
async fn share(
    db: &mut Connection,
    user: UserId,
    request: &NewRun,
    outline: &Outline,
    known: &[Node],
) -> Result<Shares, ApiError> {
    let wanted = wanted(request, outline)?;
    let assigned = match &request.target {
        Target::Assigned => {
            Some(Assigned::new(templates::assignments(db, user, &request.template).await?)?)
        }
        _ => None,
    };
    let chosen = chosen(&request.target, known)?;
    let mut shares = Shares::new();
    for node in chosen {
        for case in &wanted {
            let is_here = assigned.as_ref().is_none_or(|assigned| assigned.has(case, node));
            if is_here && fits(case, node) {
                shares.entry(node.id).or_default().insert(case.id.clone());
            }
        }
    }
    if request.spread {
        let means = cases::mean_durations(db, user, &request.template).await?;
        return Ok(spread::spread(&wanted, &shares, &means));
    }
    Ok(shares)
}

/// The labels that a node has from the server alone: it must know them to meet what cases require.
pub(crate) fn set_labels(node: &Node) -> BTreeMap<String, String> {
    let own = &node.info.labels;
    let is_set = |(label, value): &(&String, &String)| own.get(*label) != Some(*value);
    node.labels.iter().filter(is_set).map(|(label, value)| (label.clone(), value.clone())).collect()
}

/// Whether a node has the labels that a case requires.
pub(crate) fn fits(case: &TemplateCase, node: &Node) -> bool {
    case.requires.iter().all(|(label, value)| node.labels.get(label) == Some(value))
}

/// The cases that the request asks for.
fn wanted<'a>(request: &NewRun, outline: &'a Outline) -> Result<Vec<&'a TemplateCase>, ApiError> {
    if request.cases.is_empty() {
        return Ok(outline.cases.iter().collect());
    }
    for pattern in &request.cases {
        let globs = globs(std::slice::from_ref(pattern))?;
        if !outline.cases.iter().any(|case| case.id == *pattern || globs.is_match(&case.id)) {
            let like = nearest(pattern, outline.cases.iter().map(|case| case.id.as_str()));
            let error = ApiError::unprocessable(
                "unknown-case",
                format!("no case of `{}` is called `{pattern}`", request.template),
            );
            return Err(match like {
                Some(like) => error.detail(format!("did you mean `{like}`?")),
                None => error,
            });
        }
    }
    let globs = globs(&request.cases)?;
    let is_wanted =
        |case: &&TemplateCase| request.cases.contains(&case.id) || globs.is_match(&case.id);
    Ok(outline.cases.iter().filter(is_wanted).collect())
}

fn globs(patterns: &[String]) -> Result<GlobSet, ApiError> {
    let wrong = |error: globset::Error| ApiError::unprocessable("bad-glob", error.to_string());
    let mut set = GlobSetBuilder::new();
    for pattern in patterns {
        set.add(Glob::new(pattern).map_err(wrong)?);
    }
    set.build().map_err(wrong)
}

/// The nodes that the request names.
fn chosen<'a>(target: &Target, known: &'a [Node]) -> Result<Vec<&'a Node>, ApiError> {
    match target {
        Target::All | Target::Assigned => Ok(known.iter().collect()),
        Target::Nodes(ids) => {
            let find = |id: &NodeId| {
                known.iter().find(|node| node.id == *id).ok_or_else(|| {
                    ApiError::unprocessable("unknown-node", format!("there is no node {id}"))
                })
            };
            let ids: BTreeSet<&NodeId> = ids.iter().collect();
            ids.into_iter().map(find).collect()
        }
        Target::Labels(text) => {
            let selector: LabelSelector = text.parse().map_err(|error| {
                let error: aei_core::labels::LabelSelectorError = error;
                ApiError::unprocessable("bad-labels", error.to_string())
            })?;
            Ok(known.iter().filter(|node| selector.matches(&node.labels)).collect())
        }
    }
}

/// The grid of a template, ready to be asked.
struct Assigned {
    cells: BTreeSet<(String, NodeId)>,
    rules: Vec<(GlobSet, LabelSelector)>,
}

impl Assigned {
    fn new(assignments: Assignments) -> Result<Self, ApiError> {
        let rule = |rule: aei_core::api::AssignmentRule| {
            let labels = rule.labels.parse::<LabelSelector>();
            let labels =
                labels.map_err(|error| ApiError::unprocessable("bad-labels", error.to_string()))?;
            Ok((globs(&[rule.cases])?, labels))
        };
        Ok(Self {
            cells: assignments.cases.into_iter().map(|cell| (cell.case, cell.node)).collect(),
            rules: assignments.rules.into_iter().map(rule).collect::<Result<_, ApiError>>()?,
        })
    }

    fn has(&self, case: &TemplateCase, node: &Node) -> bool {
        self.cells.contains(&(case.id.clone(), node.id))
            || (self.rules.iter())
                .any(|(cases, labels)| cases.is_match(&case.id) && labels.matches(&node.labels))
    }
}

/// What did not pass in a run, where it did not pass.
async fn again(db: &mut Connection, user: UserId, run: RunId) -> Result<Shares, ApiError> {
    if runs::by_id(db, user, run).await?.is_none() {
        return Err(ApiError::not_found("run"));
    }
    let mut shares = Shares::new();
    for (node, case) in cases::not_passed(db, run).await? {
        shares.entry(node).or_default().insert(case);
    }
    // Of a node that was lost, everything that it did not get done.
    for part in runs::parts(db, run).await? {
        if part.status.is_some_and(aei_core::event::Status::is_bad)
            && let Some(given) = part.cases
            && part.summary.total == 0
        {
            shares.entry(part.node_id).or_default().extend(given);
        }
    }
    Ok(shares)
}

/// In the order of the template; ids with matrix values after their case.
fn in_order(outline: &Outline, mut cases: BTreeSet<String>) -> Vec<String> {
    let mut ordered = Vec::with_capacity(cases.len());
    for case in &outline.cases {
        if cases.remove(&case.id) {
            ordered.push(case.id.clone());
        }
    }
    ordered.extend(cases);
    ordered
}

fn check_inputs(request: &NewRun, outline: &Outline) -> Result<(), ApiError> {
    let names = || outline.inputs.iter().map(|input| input.name.as_str());
    let Some(unknown) = request.inputs.keys().find(|name| !names().any(|known| known == *name))
    else {
        return Ok(());
    };
    let title = format!("`{}` has no input `{unknown}`", request.template);
    let error = ApiError::unprocessable("unknown-input", title);
    Err(match nearest(unknown, names()) {
        Some(like) => error.detail(format!("did you mean `{like}`?")),
        None => error,
    })
}

fn without_secrets(mut request: NewRun, outline: &Outline) -> NewRun {
    for input in outline.inputs.iter().filter(|input| input.secret) {
        if let Some(value) = request.inputs.get_mut(&input.name) {
            *value = aei_core::redact::MASK.into();
        }
    }
    request
}

fn unknown_template(request: &NewRun) -> ApiError {
    let version = request.version.map_or_else(String::new, |version| format!(" version {version}"));
    ApiError::unprocessable(
        "unknown-template",
        format!("there is no template `{}`{version}", request.template),
    )
}

fn nobody(request: &NewRun, outline: &Outline, known: &[Node]) -> ApiError {
    let error = ApiError::unprocessable("nobody", "no node has anything to do in this run");
    if request.rerun_failed.is_some() {
        return error.detail("everything passed in that run");
    }
    if known.is_empty() {
        return error.detail("no node is registered yet; `aei node register` does that");
    }
    let detail = match &request.target {
        Target::Assigned => "no case of the template is assigned to a node that meets it",
        Target::Labels(_) => "no node has such labels, or none meets what the cases require",
        Target::All | Target::Nodes(_) if outline.cases.is_empty() => "the template has no cases",
        Target::All | Target::Nodes(_) => "no node has the labels that the cases require",
    };
    error.detail(detail)
}
