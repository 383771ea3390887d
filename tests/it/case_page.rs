//! What hangs on a case: links to other cases, watchers, files both ways.

use reqwest::{Client, Response, StatusCode};
use serde_json::{Value, json};

use crate::{
    both,
    cases::{act, left, noticed, page, person, refused},
    support::{Agent, Customer, Server, Settings, actors::*, smtp::Smtp},
};

const PICTURE: &[u8] = &[
    0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, 0, 0, 0, 0x0d, b'I', b'H', b'D', b'R', 0, 0, 0, 1, 0, 0, 0, 1, 8,
    0, 0, 0, 0, 0x3a, 0x7e, 0x9b, 0x55,
];

/// Sends a file to a case; status and answer.
async fn attach(agent: &Agent, number: i64, id: uuid::Uuid, to: &str, name: &str, data: &[u8]) -> (StatusCode, Value) {
    let request = agent.http.post(agent.address(&format!("/api/cases/{number}/files?id={id}&to={to}")));
    let named = format!("attachment; filename*=UTF-8''{name}");
    let request = request.bearer_auth(&agent.token).header("content-disposition", named).body(data.to_vec());
    let answer = request.send().await.unwrap();
    (answer.status(), answer.json().await.unwrap())
}

/// Sends a form with a file as a browser does.
async fn send_form(url: &str, id: &str, name: &str, data: &str) -> Response {
    let part = |head: &str, body: &str| format!("--limit\r\nContent-Disposition: form-data; {head}\r\n\r\n{body}\r\n");
    let file = format!("name=\"file\"; filename=\"{name}\"");
    let body = format!("{}--limit--\r\n", part(&file, data));
    let request = Client::new()
        .post(format!("{url}?id={id}"))
        .header("content-type", "multipart/form-data; boundary=limit")
        .body(body);
    request.send().await.unwrap()
}

fn relations(page: &Value) -> Vec<(String, i64)> {
    let read = |one: &Value| (one["words"].as_str().unwrap().to_owned(), one["number"].as_i64().unwrap());
    page["related"].as_array().unwrap().iter().map(read).collect()
}

both! {
    async fn ticket_07_cases_are_linked_and_both_say_so(engine) {
        let server = Server::start(engine).await;
        let priya = Agent::sign_in(&server, PRIYA).await;
        let mut owen = Agent::sign_in(&server, OWEN).await;
        let [first, second, third] = [
            left(&server, "Claims are rejected.").await,
            left(&server, "Claims are rejected, again.").await,
            left(&server, "All claims of the plan.").await,
        ];
        act(&owen, first, "claim", json!({})).await;
        let linked = act(&priya, second, "link", json!({"to": first, "relation": "duplicate_of"})).await;
        assert_eq!(relations(&linked), [("Duplicate of".to_owned(), first)]);
        assert_eq!(relations(&page(&priya, first).await), [("Has the duplicate".to_owned(), second)]);
        noticed(&mut owen, first, &format!("Has the duplicate case {second}: Claims are rejected, again.")).await;
        for number in [first, second] {
            let history = page(&priya, number).await["timeline"].clone();
            assert!(history.as_array().unwrap().iter().any(|step| step["kind"] == "linked" && step["by"] == "Priya Raman"), "{history}");
        }

        // Never in a circle, never under two, never itself.
        act(&priya, first, "link", json!({"to": second, "relation": "child_of"})).await;
        assert_eq!(relations(&page(&priya, second).await), [("Parent of".to_owned(), first)], "a new link takes the old one's place");
        act(&priya, second, "link", json!({"to": first, "relation": "duplicate_of"})).await;
        act(&priya, third, "link", json!({"to": second, "relation": "duplicate_of"})).await;
        assert!(refused(&priya, first, "link", json!({"to": third, "relation": "duplicate_of"}), 409).await.contains("by way of others"));
        let words = refused(&priya, first, "link", json!({"to": first, "relation": "related_to"}), 422).await;
        assert!(words.contains("Give another number"), "{words}");
        refused(&priya, first, "link", json!({"to": 999_999, "relation": "related_to"}), 404).await;
        let fourth = left(&server, "Something else.").await;
        act(&priya, fourth, "link", json!({"to": first, "relation": "parent_of"})).await;
        let again = refused(&priya, third, "link", json!({"to": fourth, "relation": "duplicate_of"}), 409).await;
        assert!(again.contains(&format!("duplicate of case {second} already")), "{again}");

        // Two at once from both sides: one link, written once.
        let link = async |agent: &Agent, number: i64, to: i64| {
            act(agent, number, "link", json!({"to": to, "relation": "related_to"})).await;
        };
        tokio::join!(link(&priya, third, fourth), link(&owen, fourth, third));
        let shown = relations(&page(&priya, third).await);
        assert_eq!(shown, [("Duplicate of".to_owned(), second), ("Related to".to_owned(), fourth)]);
        act(&owen, fourth, "unlink", json!({"to": third})).await;
        assert_eq!(relations(&page(&priya, third).await), [("Duplicate of".to_owned(), second)]);
        refused(&owen, fourth, "unlink", json!({"to": third}), 409).await;
    }

    async fn agree_01_who_watches_a_case_is_told_of_each_step(engine) {
        let server = Server::start(engine).await;
        let priya = Agent::sign_in(&server, PRIYA).await;
        let mut jonah = Agent::sign_in(&server, JONAH).await;
        let mut hannah = Agent::sign_in(&server, HANNAH).await;
        let number = left(&server, "The month cannot be closed.").await;
        act(&priya, number, "claim", json!({})).await;
        act(&jonah, number, "watch", json!({})).await;
        let asked = act(&priya, number, "watch", json!({"person": person(&priya, "Hannah").await})).await;
        let names: Vec<&str> = asked["watchers"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
        assert_eq!(names, ["Hannah Brightwater", "Jonah Whitlock"]);
        noticed(&mut hannah, number, "Priya Raman asks you to watch it").await;
        act(&priya, number, "comment", json!({"text": "The ledger is locked."})).await;
        noticed(&mut hannah, number, "The ledger is locked.").await;
        noticed(&mut jonah, number, "The ledger is locked.").await;

        // Each ends it alone; for others, those do who have a part in the case.
        let words = refused(&jonah, number, "unwatch", json!({"person": person(&priya, "Hannah").await}), 403).await;
        assert!(words.contains("ends that for others"), "{words}");
        act(&priya, number, "unwatch", json!({"person": person(&priya, "Hannah").await})).await;
        let left = act(&jonah, number, "unwatch", json!({})).await;
        assert_eq!(left["watchers"], json!([]));
        act(&priya, number, "comment", json!({"text": "It is open again."})).await;
        let mut jonah = Agent::sign_in(&server, JONAH).await;
        let desk = jonah.desk(|desk| desk["notices"].as_array().is_some_and(|all| !all.is_empty())).await;
        assert!(!desk["notices"].to_string().contains("It is open again."));
    }

    async fn ticket_06_files_hang_on_a_case_for_the_desk_or_for_the_customer_too(engine) {
        let smtp = Smtp::start().await;
        let server = Server::with(engine, Settings { smtp: Some(smtp.url()), ..Settings::default() }).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let owen = Agent::sign_in(&server, OWEN).await;
        zoe.ask("The statement printed twice.", "claims").await;
        let (chat, _) = priya.take().await;
        let draft = priya.get(&format!("/api/chats/{chat}/case-proposal")).await;
        let (_, made) = priya.post(&format!("/api/chats/{chat}/case"), draft).await;
        let number = made["case"].as_i64().unwrap_or_else(|| panic!("{made}"));

        // Anybody of the desk attaches for the desk; the same file sent again is one.
        let id = new_id();
        for _ in 0..2 {
            let (status, file) = attach(&owen, number, id, "staff", "print%20log.txt", b"line 1").await;
            assert_eq!((status.as_u16(), &file["name"], &file["size"]), (201, &json!("print log.txt"), &json!(6)));
        }
        let (status, answer) = attach(&priya, number, id, "staff", "other.txt", b"line 1").await;
        assert_eq!((status.as_u16(), &answer["code"]), (409, &json!("id_reused")));
        let (status, answer) = attach(&owen, number, new_id(), "everyone", "a.png", PICTURE).await;
        assert_eq!(status.as_u16(), 403, "{answer}");
        let (status, answer) = attach(&priya, number, new_id(), "staff", "empty.txt", b"").await;
        assert_eq!((status.as_u16(), &answer["code"]), (422, &json!("empty")));
        let (status, answer) = attach(&priya, number, new_id(), "staff", "large.bin", &vec![1; 5 * 1024 * 1024 + 1]).await;
        assert_eq!((status.as_u16(), &answer["code"]), (413, &json!("too_large")));
        let (status, shared) = attach(&priya, number, new_id(), "everyone", "label.png", PICTURE).await;
        assert_eq!(status.as_u16(), 201, "{shared}");
        let shown = page(&owen, number).await;
        let files = shown["files"].as_array().unwrap();
        assert_eq!(files.len(), 2);
        let fetched = |file: &Value| owen.http.get(owen.address(&format!("/api/cases/{number}/files/{}", file["id"].as_str().unwrap()))).bearer_auth(&owen.token).send();
        let log = fetched(&files[0]).await.unwrap();
        assert_eq!(log.headers()["content-disposition"], "attachment; filename*=UTF-8''print%20log.txt");
        assert_eq!(log.headers()["content-security-policy"], "sandbox; default-src 'none'");
        assert_eq!(log.bytes().await.unwrap(), &b"line 1"[..]);
        let label = fetched(&files[1]).await.unwrap();
        assert_eq!(label.headers()["content-type"], "image/png");

        // The customer gets a mail with a link, finds their own file behind it and not the desk's, and sends one back.
        let mails = smtp.has(2).await;
        let mail = mails.iter().find(|mail| mail.part("text/plain").contains("has attached a file")).unwrap();
        assert!(mail.part("text/plain").contains("label.png"));
        let text = mail.part("text/plain");
        let link = text.split_whitespace().find(|word| word.contains("/answer/")).unwrap();
        let link = server.url(&link[link.find("/answer/").unwrap()..]);
        let http = Client::new();
        let body = http.get(&link).send().await.unwrap().text().await.unwrap();
        assert!(body.contains("label.png") && !body.contains("print log.txt"));
        let get = async |file: &Value| http.get(format!("{link}/files/{}", file["id"].as_str().unwrap())).send().await.unwrap().status().as_u16();
        assert_eq!((get(&files[1]).await, get(&files[0]).await), (200, 404));
        act(&priya, number, "ask-customer", json!({"what": "info", "text": "Which printer?"})).await;
        let sent = new_id().to_string();
        for _ in 0..2 {
            let answer = send_form(&format!("{link}/files"), &sent, "printer.html", "Printer: <b>LX</b>").await;
            assert!(answer.text().await.unwrap().contains("Your file is with your specialist."));
        }
        let after = page(&priya, number).await;
        assert_eq!((&after["status"], after["files"].as_array().unwrap().len()), (&json!("in_process"), 3));
        let steps = after["timeline"].as_array().unwrap();
        let sent_back = steps.iter().find(|step| step["kind"] == "file" && step["party"] == "customer").unwrap();
        assert_eq!(sent_back["text"], "printer.html");
        let page_of_it = fetched(&after["files"][2]).await.unwrap();
        assert_eq!(page_of_it.headers()["content-type"], "application/octet-stream");
        // Another file under the same id, from a page that the browser had kept, is another file.
        let other = send_form(&format!("{link}/files"), &sent, "printer.html", "Printer: <i>LX</i>").await;
        assert!(other.text().await.unwrap().contains("Your file is with your specialist."));
        assert_eq!(page(&priya, number).await["files"].as_array().unwrap().len(), 4);
        let large = send_form(&format!("{link}/files"), &new_id().to_string(), "film.mov", &"x".repeat(5 * 1024 * 1024 + 1)).await;
        assert_eq!(large.status(), 413);
        assert!(large.text().await.unwrap().contains("more than 5 MB"));
        let stranger = send_form(&server.url("/answer/nobody/files"), &sent, "a.txt", "x").await;
        assert_eq!(stranger.status(), 404);
        // Who is not verified has no page to open a file on.
        let strange = left(&server, "I am not known.").await;
        act(&priya, strange, "claim", json!({})).await;
        let (status, answer) = attach(&priya, strange, new_id(), "everyone", "label.png", PICTURE).await;
        assert_eq!((status.as_u16(), &answer["code"]), (409, &json!("not_verified")));
        let refused = send_form(&format!("{link}/files"), &new_id().to_string(), "", "").await;
        assert_eq!(refused.status(), 422);
        assert!(refused.text().await.unwrap().contains("Choose a file first."));
    }
}
