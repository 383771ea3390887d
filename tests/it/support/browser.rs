//! A person of the desk with a browser: pages read, forms sent, what was refused.

use reqwest::{Client, redirect::Policy};

use super::{Agent, Server};

/// A person with a browser.
pub struct Browser {
    http: Client,
    cookie: String,
    base: String,
}

impl Browser {
    pub fn of(server: &Server, agent: &Agent) -> Self {
        let http = Client::builder().redirect(Policy::none()).build().unwrap();
        Self { http, cookie: format!("__Host-deskbell={}", agent.token), base: server.url("") }
    }

    pub async fn sign_in(server: &Server, login: (&str, &str)) -> Self {
        Self::of(server, &Agent::sign_in(server, login).await)
    }

    pub async fn page(&self, path: &str) -> (u16, String) {
        let request = self.http.get(format!("{}{path}", self.base)).header("cookie", &self.cookie);
        let answer = request.header("accept", "text/html").send().await.unwrap();
        (answer.status().as_u16(), answer.text().await.unwrap())
    }

    /// Sends a form; what is told, once it was done.
    pub async fn send(&self, path: &str, form: &[(&str, &str)]) -> Result<String, (u16, String)> {
        let request = self.http.post(format!("{}{path}", self.base)).header("cookie", &self.cookie).form(form);
        let answer = request.header("accept", "text/html").send().await.unwrap();
        if answer.status() == 303 {
            return Ok(answer.headers()["location"].to_str().unwrap().to_owned());
        }
        Err((answer.status().as_u16(), answer.text().await.unwrap()))
    }

    /// The same; it must be refused with this status and all of these words, each as an error.
    pub async fn refused(&self, path: &str, form: &[(&str, &str)], status: u16, words: &[&str]) {
        let (found, page) = self.send(path, form).await.expect_err("this is refused");
        assert_eq!(found, status, "{path} {form:?}: {page}");
        assert!(page.contains("<title>Error: "), "{page}");
        let summary = page.split("error-summary").nth(1).and_then(|rest| rest.split("</ul>").next()).unwrap();
        for words in words {
            assert!(summary.contains(words), "{words:?} is not in {summary}");
        }
    }

    /// A value of a hidden field.
    pub async fn hidden(&self, path: &str, name: &str) -> String {
        let (status, page) = self.page(path).await;
        assert_eq!(status, 200, "{path}");
        let (_, rest) =
            page.split_once(&format!(r#"name="{name}" value=""#)).unwrap_or_else(|| panic!("no {name} on {path}"));
        rest.split('"').next().unwrap().to_owned()
    }
}
