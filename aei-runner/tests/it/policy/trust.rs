use aei_core::signature::{Keypair, PublicKey};
use aei_runner::Plan;
use aei_runner::guard::signature_path;

use super::Node;

const TEMPLATE: &str = "aei: 1\ncases: [{ id: a, steps: [{ uses: assert }] }]\n";

fn trusting(keys: &[&PublicKey]) -> Node {
    let keys: Vec<String> = keys.iter().map(|key| format!("\"{key}\"")).collect();
    Node::new(&format!(
        "[files]\nread = [\"{{template}}\"]\n[trust]\nkeys = [{}]\n",
        keys.join(", ")
    ))
}

fn load(node: &Node, template: &str) -> Result<Plan, String> {
    node.write("t/t.aei.yaml", template);
    node.load_stored()
}

fn sign(node: &Node, key: &Keypair, template: &str) {
    let text = key.sign(template.as_bytes()).to_string();
    std::fs::write(signature_path(&node.path("t/t.aei.yaml")), text).unwrap();
}

#[test]
fn only_what_a_trusted_key_has_signed_runs() {
    let (ann, eve) = (Keypair::generate().unwrap().0, Keypair::generate().unwrap().0);
    let node = trusting(&[&ann.public().named("ann@laptop")]);
    let refused = |template: &str| {
        let said = load(&node, template).err().expect("it runs");
        assert!(said.contains("policy.toml:6: trust.keys"), "{said}");
        said
    };
    assert!(refused(TEMPLATE).contains("the template is not signed"));
    sign(&node, &ann, TEMPLATE);
    load(&node, TEMPLATE).unwrap();
    assert!(refused(&format!("{TEMPLATE} ")).contains("its bytes have changed"));
    assert!(refused(&format!("{TEMPLATE} ")).contains("(ann@laptop)"));
    sign(&node, &eve, TEMPLATE);
    assert!(refused(TEMPLATE).contains(&format!("signed by the key {}", eve.public().id())));
    std::fs::write(signature_path(&node.path("t/t.aei.yaml")), "{}").unwrap();
    assert!(refused(TEMPLATE).contains("this is no signature of a template"));
}

#[test]
fn a_signature_covers_no_other_file() {
    let ann = Keypair::generate().unwrap().0;
    let node = trusting(&[&ann.public()]);
    node.write("t/blocks.yaml", "aei: 1\nblocks: { b: { steps: [{ uses: assert }] } }");
    let text = format!("{TEMPLATE}include: [blocks.yaml]\n");
    sign(&node, &ann, &text);
    let said = load(&node, &text).err().unwrap();
    assert!(said.contains("includes another file") && said.contains("aei bundle"), "{said}");
}

#[test]
fn no_key_at_all_trusts_nobody() {
    let node = trusting(&[]);
    sign(&node, &Keypair::generate().unwrap().0, TEMPLATE);
    assert!(load(&node, TEMPLATE).err().unwrap().contains("is not trusted here"));
}
