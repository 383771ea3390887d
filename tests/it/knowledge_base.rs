//! The knowledge base through its API and pages: written, reviewed, published, read, reported; and what cases teach.

use chrono::TimeDelta;
use reqwest::{Client, Method, StatusCode, redirect::Policy};
use serde_json::{Value, json};

use crate::{
    both,
    knowledge::{comes_first, suggested},
    support::{Agent, Customer, Server, actors::*, eventually},
};

/// The smallest PNG there is.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x06\0\0\0\x1f\x15\xc4\x89";

async fn call(server: &Server, agent: &Agent, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
    let request = agent.http.request(method, server.url(path)).bearer_auth(&agent.token).json(&body);
    let answer = request.send().await.unwrap();
    let status = answer.status();
    (status, answer.json().await.unwrap_or(Value::Null))
}

/// A draft of a quokka printer's solution; its id.
async fn draft(agent: &Agent, content: Value) -> String {
    let (status, made) = agent.post("/api/solutions", content).await;
    assert_eq!(status, StatusCode::CREATED, "{made}");
    made["id"].as_str().unwrap().to_owned()
}

fn quokka() -> Value {
    json!({"title": "Reset the quokka printer", "body": "1. Hold **both** buttons.\n2. Wait.", "category": "devices"})
}

async fn published(agent: &Agent, content: Value) -> String {
    let id = draft(agent, content).await;
    let (status, page) = agent.post(&format!("/api/solutions/{id}/publish"), json!({"edit": 1})).await;
    assert_eq!((status, &page["version"]), (StatusCode::OK, &json!(1)), "{page}");
    id
}

/// A reader of the help pages, whose browser keeps cookies.
pub struct Reader {
    http: Client,
    mark: String,
}

impl Reader {
    pub async fn arrive(server: &Server) -> Self {
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        let answer = http.get(server.url("/help")).send().await.unwrap();
        let cookie = answer.headers()["set-cookie"].to_str().unwrap().to_owned();
        assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
        Self { http, mark: cookie.split(';').next().unwrap().to_owned() }
    }

    pub async fn get(&self, server: &Server, path: &str) -> (StatusCode, String) {
        let answer = self.http.get(server.url(path)).header("cookie", &self.mark).send().await.unwrap();
        (answer.status(), answer.text().await.unwrap())
    }

    pub async fn rate(&self, server: &Server, id: &str, helped: &str) -> String {
        let form = [("helped", helped), ("q", "a b")];
        let post = self.http.post(server.url(&format!("/help/{id}/helped"))).header("cookie", &self.mark).form(&form);
        let answer = post.send().await.unwrap();
        assert_eq!(answer.status(), StatusCode::SEE_OTHER);
        answer.headers()["location"].to_str().unwrap().to_owned()
    }
}

/// The part of a page between two texts.
fn between<'a>(page: &'a str, from: &str, to: &str) -> &'a str {
    let start = page.find(from).unwrap_or_else(|| panic!("{from:?} is not on the page")) + from.len();
    &page[start..start + page[start..].find(to).unwrap()]
}

both! {
    async fn portal_09_a_solution_is_written_by_one_and_published_by_another(engine) {
        let server = Server::start(engine).await;
        let (mut priya, wilma) = (Agent::sign_in(&server, PRIYA).await, Agent::sign_in(&server, ROSALIND).await);
        let mut zoe = Customer::arrive(&server, ZOE).await;
        // A draft may be half done; what is to be read may not.
        let id = draft(&priya, json!({"title": "  Reset the quokka printer "})).await;
        let path = |rest: &str| format!("/api/solutions/{id}{rest}");
        assert_eq!(priya.post(&path("/review"), json!({"edit": 1})).await.1["message"], "Please write the solution's text first.");
        let (_, kept) = call(&server, &priya, Method::PUT, &path("/draft"), json!({"edit": 1, "content": quokka()})).await;
        assert_eq!(kept["edit"], 2);
        let (status, page) = priya.post(&path("/review"), json!({"edit": 2})).await;
        assert_eq!((status, &page["draft"]), (StatusCode::OK, &json!("in_review")));
        assert_eq!(priya.post(&path("/publish"), json!({"edit": 3})).await.0, StatusCode::FORBIDDEN);
        assert!(suggested(&mut zoe, "quokka printer").await.iter().all(|title| !title.contains("quokka")));

        // Sent back with a word, which the author gets.
        assert_eq!(wilma.post(&path("/send-back"), json!({"edit": 3, "note": " "})).await.0, StatusCode::UNPROCESSABLE_ENTITY);
        wilma.post(&path("/send-back"), json!({"edit": 3, "note": "Which buttons?"})).await;
        let desk = priya.desk(|desk| desk["notices"].as_array().is_some_and(|notices| !notices.is_empty())).await;
        assert!(desk["notices"][0]["text"].as_str().unwrap().contains("sent “Reset the quokka printer” back: Which buttons?"), "{desk}");
        let page = priya.get(&path("")).await;
        assert_eq!((&page["writing"]["state"], &page["writing"]["note"]), (&json!("draft"), &json!("Which buttons?")));

        // Two write at once: the second is told, and nothing is overwritten.
        let better = json!({"edit": 4, "content": {"title": "Reset the quokka printer", "body": "Hold the **red** ones.", "category": "devices"}});
        assert_eq!(call(&server, &priya, Method::PUT, &path("/draft"), better.clone()).await.0, StatusCode::OK);
        let (status, refused) = call(&server, &wilma, Method::PUT, &path("/draft"), better).await;
        assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("changed_meanwhile")));
        assert!(refused["message"].as_str().unwrap().contains("Priya Raman"), "{refused}");
        let (status, page) = wilma.post(&path("/publish"), json!({"edit": 5})).await;
        assert_eq!((status, &page["version"], &page["writing"]), (StatusCode::OK, &json!(1), &Value::Null), "{page}");
        assert_eq!((&page["versions"][0]["author"], &page["versions"][0]["publisher"]), (&json!("Priya Raman"), &json!("Rosalind Achterberg")));
        comes_first(&mut zoe, "quokka printer", "Reset the quokka printer").await;
        // Opened in the chat it is a tree of elements.
        let shown = zoe.socket.ask(json!({"type": "open_solution", "solution": id})).await;
        assert_eq!(shown["text"], json!([{"tag": "p", "children": ["Hold the ", {"tag": "strong", "children": ["red"]}, " ones."]}]));

        // The next version; the first one stays to be looked at.
        call(&server, &priya, Method::PUT, &path("/draft"), json!({"edit": 0, "content": quokka()})).await;
        let (_, page) = wilma.post(&path("/publish"), json!({"edit": 1})).await;
        assert_eq!(page["version"], 2);
        assert_eq!(priya.get(&path("/versions/1")).await["body"], "Hold the **red** ones.");
        // Retired, nobody reads it; brought back, they do.
        let reader = Reader::arrive(&server).await;
        for (shows, status) in [(false, StatusCode::NOT_FOUND), (true, StatusCode::OK)] {
            assert_eq!(priya.post(&path("/published"), json!({"published": shows})).await.0, StatusCode::FORBIDDEN);
            assert_eq!(wilma.post(&path("/published"), json!({"published": shows})).await.0, StatusCode::OK);
            assert_eq!(reader.get(&server, &format!("/help/{id}")).await.0, status);
        }
    }

    async fn portal_09_a_draft_is_thrown_away_by_its_author_or_a_supervisor(engine) {
        let server = Server::start(engine).await;
        let (priya, owen, wilma) =
            (Agent::sign_in(&server, PRIYA).await, Agent::sign_in(&server, OWEN).await, Agent::sign_in(&server, WILMA).await);
        let id = draft(&priya, quokka()).await;
        let path = format!("/api/solutions/{id}/draft");
        assert_eq!(call(&server, &owen, Method::DELETE, &path, json!({"edit": 1})).await.0, StatusCode::FORBIDDEN);
        assert_eq!(call(&server, &priya, Method::DELETE, &path, json!({"edit": 1})).await.0, StatusCode::NO_CONTENT);
        let gone = priya.http.get(server.url(&format!("/api/solutions/{id}"))).bearer_auth(&priya.token).send().await.unwrap();
        assert_eq!(gone.status(), StatusCode::NOT_FOUND, "it was never published");
        // Of a published one only the draft goes.
        let id = published(&wilma, quokka()).await;
        let path = format!("/api/solutions/{id}/draft");
        call(&server, &priya, Method::PUT, &path, json!({"edit": 0, "content": {"title": "Worse"}})).await;
        assert_eq!(call(&server, &wilma, Method::DELETE, &path, json!({"edit": 1})).await.0, StatusCode::NO_CONTENT);
        assert_eq!(priya.get(&format!("/api/solutions/{id}")).await["title"], "Reset the quokka printer");
    }

    async fn portal_09_readers_see_what_is_for_them(engine) {
        let server = Server::start(engine).await;
        let wilma = Agent::sign_in(&server, WILMA).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        let reader = Reader::arrive(&server).await;
        let mut ids = Vec::new();
        for audience in ["everyone", "customers", "staff"] {
            let content = json!({"title": format!("The quokka printer for {audience}"), "body": "Quokka. **Quokka**.", "category": "devices", "audience": audience});
            let id = published(&wilma, content).await;
            let picture = wilma.http.post(server.url(&format!("/api/solutions/{id}/pictures?name=menu.png"))).bearer_auth(&wilma.token).body(PNG);
            let picture: Value = picture.send().await.unwrap().json().await.unwrap();
            assert_eq!(picture["kind"], "image/png");
            ids.push((id, picture["id"].as_str().unwrap().to_owned()));
        }
        let titles = eventually("all are known", async || {
            let found = wilma.get("/api/solutions/search?q=quokka%20printer").await;
            let titles: Vec<String> = found.as_array().unwrap().iter().map(|f| f["audience"].as_str().unwrap().to_owned()).take(3).collect();
            (titles.len() == 3).then_some(titles)
        }).await;
        assert!(titles.contains(&"staff".to_owned()));
        let customers = suggested(&mut zoe, "quokka printer").await;
        assert!(customers.iter().any(|t| t.ends_with("customers")) && !customers.iter().any(|t| t.ends_with("staff")), "{customers:?}");
        let (_, page) = reader.get(&server, "/help?q=quokka+printer").await;
        assert!(page.contains(">printer</mark> for everyone") && !page.contains("for customers") && !page.contains("for staff"), "{page}");
        for ((id, picture), sees) in ids.iter().zip([true, false, false]) {
            let status = if sees { StatusCode::OK } else { StatusCode::NOT_FOUND };
            assert_eq!(reader.get(&server, &format!("/help/{id}")).await.0, status);
            let staff = reader.http.get(server.url(&format!("/help/pictures/{picture}"))).bearer_auth(&wilma.token).send().await.unwrap();
            assert_eq!((staff.status(), staff.headers()["content-type"].to_str().unwrap()), (StatusCode::OK, "image/png"));
        }
        // The widget's frame has no cookie: a picture for customers is found by its id, which nobody can guess; one for staff is not.
        let pictures = async |at: usize| reader.http.get(server.url(&format!("/help/pictures/{}", ids[at].1))).send().await.unwrap().status();
        assert_eq!((pictures(0).await, pictures(1).await, pictures(2).await), (StatusCode::OK, StatusCode::OK, StatusCode::NOT_FOUND));
        assert_eq!(zoe.socket.ask(json!({"type": "open_solution", "solution": ids[1].0})).await["type"], "solution");
        assert_eq!(zoe.socket.ask(json!({"type": "open_solution", "solution": ids[2].0})).await["code"], "not_found");
        // What is no picture is none, whatever it is called; what is too large is told so.
        for (data, status) in [(b"<svg onload=alert(1)>".to_vec(), 422), ([PNG, &vec![0; 2 * 1024 * 1024]].concat(), 413)] {
            let post = wilma.http.post(server.url(&format!("/api/solutions/{}/pictures?name=a.png", ids[0].0))).bearer_auth(&wilma.token).body(data);
            let answer = post.send().await.unwrap();
            assert_eq!(answer.status().as_u16(), status);
            assert!(answer.json::<Value>().await.unwrap()["message"].as_str().unwrap().contains("icture"));
        }
    }

    async fn portal_09_words_find_solutions_with_marks_and_a_yes_or_no_leads_on(engine) {
        let server = Server::start(engine).await;
        let wilma = Agent::sign_in(&server, WILMA).await;
        let reader = Reader::arrive(&server).await;
        let (_, page) = reader.get(&server, "/help?q=two-factor+phone").await;
        let href = between(&page, "<h3><a href=\"", "\"").replace("&#38;", "&").replace("&amp;", "&");
        assert!(page.contains("<mark>") && href.contains("&search="), "{href}");
        let (status, solution) = reader.get(&server, &href).await;
        assert!(status == StatusCode::OK && solution.contains("Did this help?") && solution.contains("Back to the list"));
        assert_eq!(between(&solution, "class=\"crumbs\">\n    <a href=\"", "\""), "/help?q=two%2Dfactor%20phone");
        let id = between(&href, "/help/", "?").to_owned();
        // A no goes back to the list, a yes is thanked for; the last word counts.
        assert_eq!(reader.rate(&server, &id, "no").await, "/help?q=a%20b&helped=no");
        assert_eq!(reader.rate(&server, &id, "yes").await, format!("/help/{id}?q=a%20b&helped=yes"));
        reader.get(&server, &format!("/help/{id}")).await;
        let figures = wilma.get("/api/solutions/report").await["figures"].clone();
        let of = figures.as_array().unwrap().iter().find(|row| row["id"] == json!(id)).unwrap();
        assert_eq!((&of["shown"], &of["opened"], &of["solved"], &of["unsolved"]), (&json!(1), &json!(1), &json!(1), &json!(0)), "{of}");
        // Nothing found says so, and a text from outside is text.
        let (_, page) = reader.get(&server, "/help?q=%3Cscript%3Ezzyzx%3C/script%3E%00").await;
        assert!(page.contains("Nothing found for “&#60;script&#62;zzyzx&#60;/script&#62;”"), "{page}");
        let (_, topic) = reader.get(&server, "/help?topic=signin").await;
        assert!(topic.contains("Forgot my password: how to reset it"));
        assert_eq!(reader.get(&server, "/help/pictures/01a2321e-b778-75dd-91ed-78a554e9204c").await.0, StatusCode::NOT_FOUND);
    }

    async fn portal_06_top_solutions_are_those_with_a_place_then_those_that_helped(engine) {
        let server = Server::start(engine).await;
        let wilma = Agent::sign_in(&server, WILMA).await;
        let reader = Reader::arrive(&server).await;
        let find = async |q: &str| wilma.get(&format!("/api/solutions?q={q}")).await[0]["id"].as_str().unwrap().to_owned();
        let (printer, password) = (find("label%20printer").await, find("forgot%20password").await);
        reader.get(&server, &format!("/help/{password}")).await;
        reader.rate(&server, &password, "yes").await;
        let top = async || -> Vec<String> {
            let (_, page) = reader.get(&server, "/help").await;
            let list = between(&page, "id=\"top\"", "</ol>").to_owned();
            list.split("/help/").skip(1).map(|rest| rest[..36].to_owned()).collect()
        };
        assert_eq!(top().await, std::slice::from_ref(&password));
        assert_eq!(wilma.post(&format!("/api/solutions/{printer}/place"), json!({"place": 6})).await.0, StatusCode::UNPROCESSABLE_ENTITY);
        wilma.post(&format!("/api/solutions/{printer}/place"), json!({"place": 2})).await;
        assert_eq!(top().await, [printer.clone(), password.clone()]);
        // Whoever gets a place takes it from whoever had it.
        wilma.post(&format!("/api/solutions/{password}/place"), json!({"place": 2})).await;
        assert_eq!(top().await, [password]);
    }

    async fn live_03_reports_say_what_to_write_and_what_to_mend(engine) {
        let server = Server::start(engine).await;
        let wilma = Agent::sign_in(&server, WILMA).await;
        let reader = Reader::arrive(&server).await;
        for q in ["zzyzx+frobnicator", "the+zzyzx+frobnicators", "xyzzyx"] {
            reader.get(&server, &format!("/help?q={q}")).await;
        }
        // Staff look, too; that says nothing.
        let staff = wilma.http.get(server.url("/help?q=zzyzx+frobnicator")).bearer_auth(&wilma.token).send().await.unwrap();
        assert!(staff.text().await.unwrap().contains("Nothing found"));
        let mut zoe = Customer::arrive(&server, ZOE).await;
        assert!(!suggested(&mut zoe, "claim rejected payer ID not found").await.is_empty());
        zoe.ask("claim rejected payer ID not found", "claims").await;
        let mut tomas = Customer::arrive(&server, TOMAS).await;
        suggested(&mut tomas, "forgot my password").await;
        let id = wilma.get("/api/solutions?q=forgot%20password").await[0]["id"].clone();
        tomas.socket.ask(json!({"type": "open_solution", "solution": id})).await;
        tomas.socket.ask(json!({"type": "rate_solution", "solution": id, "solved": true})).await;

        let report = wilma.get("/api/solutions/report").await;
        let told = |list: &Value| -> Vec<(String, i64, i64)> {
            let row = |w: &Value| (w["text"].as_str().unwrap().to_owned(), w["times"].as_i64().unwrap(), w["asked"].as_i64().unwrap());
            list.as_array().unwrap().iter().map(row).collect()
        };
        assert_eq!(told(&report["not_found"]), [("the zzyzx frobnicators".to_owned(), 2, 0), ("xyzzyx".to_owned(), 1, 0)]);
        assert_eq!(told(&report["not_opened"]), [("claim rejected payer ID not found".to_owned(), 1, 1)]);
        assert_eq!((&report["self_service"], &report["asked"]), (&json!(1), &json!(1)));
        assert_eq!(report["stale"], json!([]));

        // Time goes by, and the product goes on.
        let old = published(&wilma, json!({"title": "The quokka", "body": "Old.", "category": "devices", "product_version": "3.9"})).await;
        assert_eq!(wilma.post("/api/solutions/product-version", json!({"version": "next"})).await.0, StatusCode::UNPROCESSABLE_ENTITY);
        wilma.post("/api/solutions/product-version", json!({"version": "4.0"})).await;
        for name in [MARCUS, NADIA, LAYLA] {
            let mut customer = Customer::arrive(&server, name).await;
            customer.socket.ask(json!({"type": "open_solution", "solution": id})).await;
            customer.socket.ask(json!({"type": "rate_solution", "solution": id, "solved": false})).await;
        }
        server.advance(TimeDelta::days(89));
        let wilma = Agent::sign_in(&server, WILMA).await;
        let report = wilma.get("/api/solutions/report").await;
        let why = |id: &Value| report["stale"].as_array().unwrap().iter().find(|row| row[1]["id"] == *id).map(|row| row[0].clone());
        assert_eq!((why(&json!(old)), why(&id)), (Some(json!("old_version")), Some(json!("voted_down"))));
        server.advance(TimeDelta::days(2));
        let wilma = Agent::sign_in(&server, WILMA).await;
        let report = wilma.get("/api/solutions/report").await;
        assert!(report["stale"].as_array().unwrap().iter().filter(|row| row[0] == "unseen").count() > 80, "{}", report["stale"]);
        assert_eq!(report["not_found"], json!([]), "what was looked for long ago is over");
    }

    async fn live_10_a_case_is_closed_with_a_solution_and_teaches_it(engine) {
        let server = Server::start(engine).await;
        let (mut priya, wilma) = (Agent::online(&server, PRIYA).await, Agent::sign_in(&server, WILMA).await);
        let mut zoe = Customer::arrive(&server, ZOE).await;
        let question = "The wombat in the basement hums at night";
        zoe.ask(question, "claims").await;
        let (chat, _) = priya.take().await;
        let made = json!({"subject": question, "category": "claims", "severity": 3, "description": question});
        let number = priya.post(&format!("/api/chats/{chat}/case"), made).await.1["case"].as_i64().unwrap();
        let path = |rest: &str| format!("/api/cases/{number}{rest}");
        // Made into a solution in one step; asked again it is the same.
        let (_, made) = priya.post(&path("/solution"), json!({})).await;
        assert_eq!(priya.post(&path("/solution"), json!({})).await.1, made);
        let page = priya.get(&format!("/api/solutions/{}", made["id"].as_str().unwrap())).await;
        let writing = &page["writing"];
        assert_eq!((&writing["title"], &writing["category"]), (&json!(question), &json!("claims")));
        assert!(writing["body"].as_str().unwrap().starts_with("> The wombat in the basement"), "{writing}");

        // No word of the question is in the solution that solves it.
        let solution = published(&wilma, json!({"title": "Quiet transformers", "body": "Turn the **knob** left.", "category": "devices"})).await;
        assert!(!suggested(&mut zoe, "wombat hums").await.contains(&"Quiet transformers".to_owned()));
        for body in [json!({"resolution": " "}), json!({"resolution": "Done.", "solution": "01a2321e-b778-75dd-91ed-78a554e9204c"})] {
            assert!(priya.post(&path("/resolve"), body).await.0.is_client_error());
        }
        let jonah = Agent::sign_in(&server, JONAH).await;
        let resolved = json!({"resolution": "The transformer was turned down.", "solution": solution});
        assert_eq!(jonah.post(&path("/resolve"), resolved.clone()).await.0, StatusCode::FORBIDDEN);
        let (status, case) = priya.post(&path("/resolve"), resolved.clone()).await;
        assert_eq!((status, &case["status"], &case["solution"]["title"]), (StatusCode::OK, &json!("completed"), &json!("Quiet transformers")), "{case}");
        assert_eq!(case["timeline"].as_array().unwrap().last().unwrap()["text"], "The transformer was turned down.");
        assert_eq!(priya.post(&path("/resolve"), resolved).await.0, StatusCode::CONFLICT, "it is closed already");
        comes_first(&mut zoe, "a wombat hums", "Quiet transformers").await;
        // So does a restart: it is all in the database.
        let server = server.restart().await;
        let mut tomas = Customer::arrive(&server, TOMAS).await;
        assert_eq!(suggested(&mut tomas, "a wombat hums").await[0], "Quiet transformers");
    }

    async fn portal_09_each_solution_is_found_in_its_own_language(engine) {
        let server = Server::start(engine).await;
        let (wilma, mut zoe) = (Agent::sign_in(&server, ROSALIND).await, Customer::arrive(&server, ZOE).await);
        let write = async |language: &str, title: &str, body: &str| {
            published(&wilma, json!({"title": title, "body": body, "category": "devices", "language": language})).await
        };
        write("de", "Karten in den Kartenleser stecken", "Die Karte mit dem Chip nach vorn einstecken.").await;
        write("es", "Configuraciones de la impresora", "Abra las configuraciones y elija la bandeja.").await;
        write("fr", "Remplacer les cartouches", "Retirez les cartouches vides.").await;
        // Other forms of the words than those that are written there, with accents and without.
        comes_first(&mut zoe, "wie steckt man eine Karte hinein? ", "Karten in den Kartenleser stecken").await;
        comes_first(&mut zoe, "la configuración de impresoras ", "Configuraciones de la impresora").await;
        comes_first(&mut zoe, "la configuracion de impresoras ", "Configuraciones de la impresora").await;
        comes_first(&mut zoe, "une cartouche est vide ", "Remplacer les cartouches").await;
        assert_eq!(suggested(&mut zoe, "wie steckt man eine Kart").await[0], "Karten in den Kartenleser stecken");
        let (status, found) = Reader::arrive(&server).await.get(&server, "/help?q=eine+Karte+einstecken").await;
        assert!(status == StatusCode::OK && found.contains("<mark>Karte</mark>"), "{found}");
        // The others are what they were.
        let english = suggested(&mut zoe, "claim rejected payer ID not found").await;
        assert!(english[0].to_lowercase().contains("rejected"), "{english:?}");
    }

    async fn live_09_suggestions_follow_the_conversation(engine) {
        let server = Server::start(engine).await;
        let mut priya = Agent::online(&server, PRIYA).await;
        let mut zoe = Customer::arrive(&server, ZOE).await;
        zoe.ask("Our label printer prints between two labels", "claims").await;
        let (chat, _) = priya.take().await;
        let beside = async || -> Vec<String> {
            let found = priya.get(&format!("/api/chats/{chat}/solutions")).await;
            let title = |found: &Value| found["title"].as_array().unwrap().iter().map(|p| p["text"].as_str().unwrap()).collect::<String>();
            found.as_array().unwrap().iter().map(title).collect()
        };
        let first = beside().await;
        assert!(first.len() <= 5 && first[0].contains("abel"), "{first:?}");
        zoe.event("joined").await;
        zoe.say("And my claim was rejected, payer ID not found").await;
        let then = eventually("it follows", async || {
            let titles = beside().await;
            titles.contains(&"Claim rejected: payer ID not found".to_owned()).then_some(titles)
        }).await;
        assert!(then.iter().any(|title| title.contains("abel")), "the question still counts: {then:?}");
        let lucia = Agent::sign_in(&server, JONAH).await;
        let other = lucia.http.get(server.url(&format!("/api/chats/{chat}/solutions"))).bearer_auth(&lucia.token).send().await.unwrap();
        assert_eq!(other.status(), StatusCode::NOT_FOUND, "another team's chat is nobody's business");
    }
}
