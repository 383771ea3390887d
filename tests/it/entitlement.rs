//! Who gets support: refused with grace on every mouth, kept with what was written, let in by a supervisor, recorded.

use chrono::TimeDelta;
use reqwest::Client;
use serde_json::{Value, json};
use uuid::Uuid;

use crate::{
    both,
    support::{Agent, Browser, Customer, Server, actors::*},
};

/// Of an account that is not in good standing.
const GWEN: (&str, &str, &str) = ("gwen.abernathy@tidewell.example", "5217", "10178");
/// Who only uses the product.
const MAI: (&str, &str, &str) = ("mai.hoang@marigoldbilling.example", "4371", "10204");
/// Of an account that is closed.
const YUSUF: (&str, &str, &str) = ("yusuf.demirkiran@oldmilleye.example", "5809", "10309");

async fn token(server: &Server, (email, pin, _): (&str, &str, &str)) -> String {
    verify(server, email, pin).await.json::<Value>().await.unwrap()["token"].as_str().unwrap().to_owned()
}

/// Asks for a conversation; status and answer.
async fn conversation(server: &Server, token: &str, account: &str) -> (u16, Value) {
    let request = Client::new().post(server.url("/widget/api/conversation")).bearer_auth(token);
    let answer = request.json(&json!({"account": account})).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

/// Leaves a message; status and answer.
async fn leave(server: &Server, token: Option<&str>, id: &str, email: &str, text: &str) -> (u16, Value) {
    let request = Client::new().post(server.url("/widget/api/message"));
    let request = match token {
        Some(token) => request.bearer_auth(token),
        None => request,
    };
    let body = json!({"id": id, "site": "pub_demo", "name": "G", "email": email, "text": text});
    let answer = request.json(&body).send().await.unwrap();
    (answer.status().as_u16(), answer.json().await.unwrap())
}

fn said(answer: &Value) -> (&str, &str) {
    (answer["code"].as_str().unwrap_or_default(), answer["message"].as_str().unwrap_or_default())
}

/// A question that is refused; code and words.
async fn refused_question(customer: &mut Customer, text: &str) -> (String, String) {
    let frame = customer.outgoing("ask", text);
    let mut frame = frame;
    frame["category"] = json!("claims");
    let answer = customer.socket.ask(frame).await;
    assert_eq!(answer["type"], "error", "{answer}");
    let (code, words) = said(&answer);
    (code.to_owned(), words.to_owned())
}

/// The id behind a button of an account's page, in the row that has these words.
fn id_near(page: &str, words: &str) -> String {
    let (_, rest) = page.split_once(words).unwrap_or_else(|| panic!("no {words:?} in {page}"));
    let (_, rest) = rest.split_once(r#"name="id" value=""#).expect("a button");
    rest.split('"').next().unwrap().to_owned()
}

both! {
    async fn agree_06_an_account_that_is_not_in_good_standing_is_refused_and_nothing_is_lost(engine) {
        let server = Server::start(engine).await;
        let gwen = token(&server, GWEN).await;
        let (status, answer) = conversation(&server, &gwen, GWEN.2).await;
        let (code, words) = said(&answer);
        assert_eq!((status, code), (403, "not_in_good_standing"));
        assert!(words.contains("Tidewell Physical Therapy") && words.contains("Ravi Chandrasekar") && words.contains("solutions stay open"), "{words}");
        let id = new_id().to_string();
        for _ in 0..2 {
            let (status, answer) = leave(&server, Some(&gwen), &id, GWEN.0, "The statements print twice.").await;
            assert_eq!((status, said(&answer).0), (403, "not_in_good_standing"));
        }
        // Naming another's account helps nobody, and other words under the same id are not lost.
        let other = json!({"id": new_id(), "site": "pub_demo", "name": "G", "email": GWEN.0, "customer_number": "10023", "text": "For them."});
        let other = Client::new().post(server.url("/widget/api/message")).bearer_auth(&gwen).json(&other).send().await.unwrap();
        assert_eq!(other.status(), 422);
        assert!(other.text().await.unwrap().contains("You have no account with that customer number"));
        // Who only knows an address learns nothing of the account.
        let (status, answer) = leave(&server, None, &new_id().to_string(), GWEN.0, "How do I stand?").await;
        assert!(status == 200 && answer["case"].is_i64(), "{answer}");
        let yusuf = token(&server, YUSUF).await;
        assert_eq!(said(&conversation(&server, &yusuf, YUSUF.2).await.1).0, "account_closed");

        // What was written is before the supervisor, who lets it through once.
        let rosalind = Browser::sign_in(&server, ROSALIND).await;
        let (status, page) = rosalind.page("/customers/10178").await;
        assert!(status == 200 && page.contains("Not in good standing") && page.matches("The statements print twice.").count() == 1, "{page}");
        assert!(page.contains("Refused before anything was written."), "{page}");
        let request = id_near(&page, "The statements print twice.");
        let through = [("do", "let-through"), ("id", request.as_str()), ("through_reason", "they pay tomorrow")];
        rosalind.refused("/customers/10178", &[("do", "let-through"), ("id", request.as_str())], 422, &["the reason"]).await;
        let to = rosalind.send("/customers/10178", &through).await.unwrap();
        assert_eq!(rosalind.send("/customers/10178", &through).await.unwrap(), to, "one case");
        let number: i64 = to.rsplit_once('/').unwrap().1.parse().unwrap();
        let agent = Agent::sign_in(&server, ROSALIND).await;
        let case = agent.get(&format!("/api/cases/{number}")).await;
        assert_eq!((&case["description"], &case["account"], &case["verified"]), (&json!("The statements print twice."), &json!("Tidewell Physical Therapy"), &json!(true)));
        assert!(case["timeline"][0]["text"].as_str().unwrap().ends_with("Rosalind Achterberg let it through: they pay tomorrow"), "{case}");

        // An exception lets in, is seen beside the chat, and ends when it is lifted; a chat that runs goes on.
        let rule = [("do", "exception"), ("whom", ""), ("ends", "2099-01-31"), ("reason", "paid by phone")];
        assert_eq!(rosalind.send("/customers/10178", &rule).await.unwrap(), "/customers/10178?done=ruled");
        let mut customer = Customer::arrive(&server, GWEN).await;
        customer.ask("The statements print three times.", "claims").await;
        let panel = agent.get(&format!("/api/chats/{}", customer.chat)).await;
        assert_eq!(panel["rulings"], json!(["Let in: paid by phone (Rosalind Achterberg)"]));
        let (_, page) = rosalind.page("/customers/10178").await;
        assert!(page.contains("until Sunday 1 February 2099, 12:00 AM EST"), "{page}");
        let ruling = id_near(&page, "paid by phone");
        let lift = [("do", "lift"), ("id", ruling.as_str()), ("lift_reason", "they did not")];
        assert_eq!(rosalind.send("/customers/10178", &lift).await.unwrap(), "/customers/10178?done=lifted");
        assert_eq!(conversation(&server, &gwen, GWEN.2).await, (200, json!({"chat": customer.chat})), "the one that runs");
        customer.say("Are you there?").await;
        assert_eq!(customer.socket.ask(json!({"type": "end", "chat": customer.chat, "solved": true})).await["type"], "ok");
        assert_eq!(conversation(&server, &gwen, GWEN.2).await.0, 403);

        // Paid: as a program says it. All of it is in the record.
        let paid = agent.http.put(server.url("/api/accounts/10178/standing")).bearer_auth(&agent.token);
        let paid = paid.json(&json!({"standing": "good", "reason": "invoice 77 paid"})).send().await.unwrap();
        assert_eq!(paid.status(), 204);
        assert_eq!(agent.get("/api/accounts/10178").await["standing"], "good");
        assert_eq!(conversation(&server, &gwen, GWEN.2).await.0, 200);
        let (_, log) = Browser::sign_in(&server, WILMA).await.page("/admin/log").await;
        for words in ["Let Tidewell Physical Therapy (10178) in: paid by phone", "Lifted what was ruled for 10178: they did not", "Tidewell Physical Therapy (10178) is in good standing: invoice 77 paid"] {
            assert!(log.contains(words), "{words}: {log}");
        }
        // Agents look nobody up here, and nobody may rule without a reason, an end to come and something to rule.
        let priya = Browser::sign_in(&server, PRIYA).await;
        assert_eq!((priya.page("/customers").await.0, priya.page("/customers/10178").await.0), (403, 403));
        assert_eq!(rosalind.page("/customers/1").await.0, 404);
        let bad = [("do", "limit"), ("reason", " "), ("ends", "2001-01-01"), ("requests", "many")];
        rosalind.refused("/customers/10178", &bad, 422, &["#reason", "#ends", "#requests"]).await;
        rosalind.refused("/customers/10178", &[("do", "limit"), ("ends", "soon")], 422, &["#ends"]).await;
        rosalind.refused("/customers/10178", &[("reason", "x")], 422, &["#kind"]).await;
        rosalind.refused("/customers/10178", &[("do", "bad")], 422, &["#standing_reason"]).await;
        let (_, found) = rosalind.page("/customers?q=CHANDRA").await;
        assert!(found.contains("Tidewell") && !found.contains("Harbor Street"), "{found}");
        let (_, found) = rosalind.page("/customers?q=%25").await;
        assert!(found.contains("No customer is found"), "{found}");
    }

    async fn agree_08_users_are_sent_to_those_who_speak_for_their_account(engine) {
        let server = Server::start(engine).await;
        let mai = token(&server, MAI).await;
        let (status, answer) = conversation(&server, &mai, MAI.2).await;
        let (code, words) = said(&answer);
        assert_eq!((status, code), (403, "not_first_line"));
        assert!(words.contains("Kwabena Mensah-Price") && words.contains("Ingrid Sørlie") && !words.contains("Hoàng"), "{words}");
        // The desk says it otherwise, and then not at all.
        let wilma = Browser::sign_in(&server, WILMA).await;
        let (_, page) = wilma.page("/admin/agreement").await;
        assert!(page.contains("Others speak for the account"));
        let seen = wilma.hidden("/admin/agreement", "seen").await;
        let mut form = vec![("seen", seen.as_str()), ("first_line", "yes"), ("requests_a_day", ""), ("barred", "")];
        let texts = ["standing", "too_many", "stopped", "wording", "closed"];
        form.extend(texts.map(|key| (key, "No.")));
        let wrong: Vec<_> = form.iter().copied().chain([("first_line_words", "Ask {boss}.")]).collect();
        wilma.refused("/admin/agreement", &wrong, 422, &["#first_line_words", "{boss} means nothing here"]).await;
        wilma.refused("/admin/agreement", &form, 422, &["#first_line_words"]).await;
        form.push(("first_line_words", "Ask {people} of {account}."));
        wilma.send("/admin/agreement", &form).await.unwrap();
        assert_eq!(said(&conversation(&server, &mai, MAI.2).await.1).1, "Ask \u{2068}Kwabena Mensah-Price\u{2069} or \u{2068}Ingrid Sørlie\u{2069} of Marigold Billing Services.");
        form.retain(|(name, _)| !["first_line", "seen"].contains(name));
        wilma.send("/admin/agreement", &form).await.unwrap();
        assert_eq!(conversation(&server, &mai, MAI.2).await.0, 200);
        assert_eq!(Browser::sign_in(&server, ROSALIND).await.page("/admin/agreement").await.0, 403);
    }

    async fn agree_07_use_is_limited_or_stopped_with_reason_end_and_history(engine) {
        let server = Server::start(engine).await;
        let rosalind = Browser::sign_in(&server, ROSALIND).await;
        let limit = [("do", "limit"), ("requests", "2"), ("reason", "asks the same every day")];
        rosalind.send("/customers/10023", &limit).await.unwrap();
        // What strangers leave in their names does not count.
        for _ in 0..3 {
            assert_eq!(leave(&server, None, &new_id().to_string(), ZOE.0, "I am Zoë.").await.0, 200);
        }
        // A message and a question are two requests, whoever of the account they come from.
        let zoe = token(&server, ZOE).await;
        assert_eq!(leave(&server, Some(&zoe), &new_id().to_string(), ZOE.0, "One thing first.").await.0, 200);
        let mut marcus = Customer::arrive(&server, MARCUS).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        marcus.ask("How do I void a claim?", "claims").await;
        let (code, words) = refused_question(&mut zoe, "How do I void a claim? It is me again.").await;
        assert_eq!(code, "too_many_requests");
        assert!(words.starts_with("2 requests within 24 hours are agreed") && words.contains("The next one is possible from "), "{words}");
        let (_, page) = rosalind.page("/customers/10023").await;
        assert!(page.contains("It is me again.") && page.contains("2 requests within 24 hours"), "{page}");
        // Let through, it goes where it would have gone.
        let request = id_near(&page, "It is me again.");
        let through = [("do", "let-through"), ("id", request.as_str()), ("through_reason", "new trouble")];
        let to = rosalind.send("/customers/10023", &through).await.unwrap();
        let agent = Agent::sign_in(&server, ROSALIND).await;
        let case = agent.get(&format!("/api/cases/{}", to.rsplit_once('/').unwrap().1)).await;
        assert_eq!((&case["category"], &case["team"], &case["tier"]), (&json!("Claims & rejections"), &json!("Claims & Payments"), &json!(1)));
        let ruling = id_near(&page, "asks the same every day");
        rosalind.send("/customers/10023", &[("do", "lift"), ("id", ruling.as_str()), ("lift_reason", "settled")]).await.unwrap();

        // Barred words are the customer's to change: the same message, worded otherwise.
        let wilma = Browser::sign_in(&server, WILMA).await;
        let mut form = vec![("first_line", "yes"), ("barred", "stupid")];
        form.extend(["standing", "too_many", "stopped", "wording", "closed", "first_line_words"].map(|key| (key, "Please word it otherwise.")));
        wilma.send("/admin/agreement", &form).await.unwrap();
        zoe.n -= 1;
        assert_eq!(refused_question(&mut zoe, "This is STUPID!").await, ("barred_words".to_owned(), "Please word it otherwise.".to_owned()));
        zoe.n -= 1;
        zoe.ask("This is not what I expect.", "claims").await;

        // A person is stopped everywhere until a day, and the others are not.
        assert_eq!(zoe.socket.ask(json!({"type": "end", "chat": zoe.chat, "solved": true})).await["type"], "ok");
        let (_, page) = rosalind.page("/customers/10023").await;
        let option = page.split(r#"<option value=""#).find(|part| part.contains("Zoë Ångström, everywhere")).unwrap();
        let person = option.split('"').next().unwrap().to_owned();
        let day = (server.app.clock.now() + TimeDelta::days(3)).format("%Y-%m-%d").to_string();
        let stop = [("do", "stop"), ("whom", person.as_str()), ("ends", day.as_str()), ("reason", "insults")];
        rosalind.send("/customers/10023", &stop).await.unwrap();
        assert_eq!(said(&conversation(&server, &zoe.token, "10023").await.1).0, "support_stopped");
        assert_eq!(conversation(&server, &marcus.token, "10023").await.0, 200);
        server.advance(TimeDelta::days(5));
        let again = token(&server, ZOE).await;
        assert_eq!(conversation(&server, &again, "10023").await.0, 200, "it has ended");
        let rosalind = Browser::sign_in(&server, ROSALIND).await;
        let (_, page) = rosalind.page("/customers/10023").await;
        assert!(page.contains("lifted by Rosalind Achterberg") && page.contains("insults"), "the history stays: {page}");
    }

    async fn agree_09_what_is_out_of_scope_is_answered_with_a_set_text(engine) {
        let server = Server::start(engine).await;
        let wilma = Browser::sign_in(&server, WILMA).await;
        let words = "We do not advise on coding.\nPlease ask your payer.";
        wilma.send("/admin/categories", &[("name", "Coding advice"), ("team", "claims"), ("set_text", words)]).await.unwrap();
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("Which code is right for a second visit?", "coding-advice").await;
        let ended = zoe.event("ended").await;
        assert_eq!(ended["body"], json!({"kind": "ended", "why": "out_of_scope", "words": words}));
        // Kept as the customer asked it, in no line, and no case.
        let rosalind = Agent::sign_in(&server, ROSALIND).await;
        let panel = rosalind.get(&format!("/api/chats/{}", zoe.chat)).await;
        assert_eq!((&panel["state"], &panel["chat"]["question"]), (&json!("ended"), &json!("Which code is right for a second visit?")));
        assert_eq!(panel["open_cases"], json!([]));
        let figures = rosalind.get("/api/figures").await;
        assert_eq!(figures["total"]["arrived"], 0);
        // The same of a message: kept as a case that nobody has to work on, and answered, sent twice or not.
        let message = |id: Uuid, category: &str, text: &str| json!({"id": id, "site": "pub_demo", "name": "Z", "email": ZOE.0, "category": category, "text": text});
        let post = async |body: Value, token: Option<&str>| {
            let request = Client::new().post(server.url("/widget/api/message")).json(&body);
            let answer = match token { Some(token) => request.bearer_auth(token), None => request }.send().await.unwrap();
            (answer.status().as_u16(), answer.json::<Value>().await.unwrap())
        };
        let id = new_id();
        let (status, first) = post(message(id, "coding-advice", "Which code is right for a third visit?"), Some(&zoe.token)).await;
        assert_eq!((status, &first["words"]), (200, &json!(words)));
        assert_eq!(post(message(id, "coding-advice", "Which code is right for a third visit?"), Some(&zoe.token)).await.1, first);
        let case = rosalind.get(&format!("/api/cases/{}", first["case"])).await;
        assert_eq!((&case["status"], &case["category"], &case["owner"]), (&json!("redirected"), &json!("Coding advice"), &Value::Null));
        let last = case["timeline"].as_array().unwrap().last().unwrap();
        assert_eq!((&last["text"], &last["visibility"]), (&json!(words), &json!("everyone")));
        assert!(case["clocks"].as_array().unwrap().iter().all(|clock| clock["met_at"].is_string()), "{case}");
        assert_eq!(post(message(new_id(), "no-such-topic", "Hello"), None).await.0, 422);
        // A message with a topic goes to its team's queue once its person is known.
        let (_, second) = post(message(new_id(), "claims", "Claims are rejected."), Some(&zoe.token)).await;
        let (_, third) = post(message(new_id(), "claims", "Claims are rejected, too."), None).await;
        let of = async |made: &Value| rosalind.get(&format!("/api/cases/{}", made["case"])).await;
        assert_eq!((&of(&second).await["team"], second.get("words")), (&json!("Claims & Payments"), None));
        assert_eq!((&of(&third).await["team"], &of(&third).await["category"]), (&json!(""), &json!("Claims & rejections")));
        let path = format!("/api/cases/{}/verify", third["case"]);
        rosalind.post(&path, json!({"note": "Called her at the number on file."})).await;
        assert_eq!(of(&third).await["team"], "Claims & Payments");
        // Once its text is gone, the category is served like any other.
        let (_, page) = wilma.page("/admin/categories").await;
        let (before, _) = page.split_once("Change<span class=\"sr\"> Coding advice").unwrap();
        assert!(page.contains(r#"<span class="badge">Out of scope</span>"#), "{page}");
        let id = before.rsplit("?edit=").next().unwrap().split('#').next().unwrap();
        wilma.send("/admin/categories", &[("id", id), ("name", "Coding advice"), ("team", "claims"), ("set_text", "")]).await.unwrap();
        let mut next = Customer::arrive(&server, ZOE).await;
        assert_ne!(next.chat, zoe.chat);
        next.ask("And which code now?", "coding-advice").await;
        assert_eq!(next.event("queued").await["body"]["category"], "Coding advice");
    }
}
