//! The languages that solutions are written in: their stems, and the words in them that carry grammar.

use std::borrow::Cow;

use rust_stemmers::{Algorithm, Stemmer};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The language that solutions are written in, by its ISO 639-1 code.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, JsonSchema, sqlx::Type,
)]
#[sqlx(type_name = "text")]
pub enum Language {
    /// English, the one measured so far.
    #[default]
    #[serde(rename = "en")]
    #[sqlx(rename = "en")]
    English,
    /// Spanish.
    #[serde(rename = "es")]
    #[sqlx(rename = "es")]
    Spanish,
    /// German.
    #[serde(rename = "de")]
    #[sqlx(rename = "de")]
    German,
    /// French.
    #[serde(rename = "fr")]
    #[sqlx(rename = "fr")]
    French,
}

impl Language {
    /// All of them.
    pub const ALL: [Self; 4] = [Self::English, Self::Spanish, Self::German, Self::French];

    /// Its ISO 639-1 code.
    pub fn code(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Spanish => "es",
            Self::German => "de",
            Self::French => "fr",
        }
    }

    /// What it is called.
    pub fn name(self) -> &'static str {
        match self {
            Self::English => "English",
            Self::Spanish => "Spanish",
            Self::German => "German",
            Self::French => "French",
        }
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }

    /// The Snowball stem of a folded word.
    pub fn stem(self, word: &str) -> Cow<'_, str> {
        // Folded words of these languages are ASCII; the stemmer has no rules for any other script.
        if !word.is_ascii() {
            return Cow::Borrowed(word);
        }
        let algorithm = match self {
            Language::English => Algorithm::English,
            Language::Spanish => Algorithm::Spanish,
            Language::German => Algorithm::German,
            Language::French => Algorithm::French,
        };
        let stemmer = Stemmer::create(algorithm);
        // Folding takes accents, by which the stemmer knows some endings.
        let endings: &[(&str, &str)] = match self {
            Language::Spanish => &[("ion", "ión")],
            Language::French => &[("ees", "ées"), ("ee", "ée")],
            Language::English | Language::German => &[],
        };
        let spelled = endings.iter().find_map(|(folded, spelled)| Some((word.strip_suffix(folded)?, spelled)));
        match spelled {
            Some((start, ending)) => {
                let stem = stemmer.stem(&format!("{start}{ending}")).replace('ó', "o").replace('é', "e");
                Cow::Owned(stem)
            }
            None => stemmer.stem(word),
        }
    }

    /// The folded words that carry grammar or courtesy rather than the subject of a question,
    /// including what an apostrophe leaves of a contraction ("don't" reads as "don" and "t").
    pub fn function_words(self) -> impl Iterator<Item = &'static str> {
        let list = match self {
            Language::English => ENGLISH,
            Language::Spanish => SPANISH,
            Language::German => GERMAN,
            Language::French => FRENCH,
        };
        list.split_ascii_whitespace()
    }
}

/// Some of them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Languages(u8);

impl Languages {
    /// Whether it is one of these.
    pub fn contains(self, language: Language) -> bool {
        self.0 & language.bit() != 0
    }

    /// With one more; whether it was not one of these already.
    pub fn insert(&mut self, language: Language) -> bool {
        let is_new = !self.contains(language);
        self.0 |= language.bit();
        is_new
    }

    /// Those of these that are not some others.
    pub fn without(self, others: Self) -> Self {
        Self(self.0 & !others.0)
    }

    /// How many.
    pub fn count(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Each.
    pub fn iter(self) -> impl Iterator<Item = Language> {
        Language::ALL.into_iter().filter(move |language| self.contains(*language))
    }
}

impl From<Language> for Languages {
    fn from(language: Language) -> Self {
        Self(language.bit())
    }
}

impl FromIterator<Language> for Languages {
    fn from_iter<I: IntoIterator<Item = Language>>(languages: I) -> Self {
        Self(languages.into_iter().fold(0, |bits, language| bits | language.bit()))
    }
}

const ENGLISH: &str = "\
    a about also am an and any are as at be because been being but by can cannot cant could couldn couldnt d did \
    didn didnt do does doesn doesnt doing don dont for from get gets getting go goes going got had has hasn have \
    having he hello help her here hey hi him his how hows i if im in into is isn isnt it its ive just know like ll m \
    me my need needed needs no not of on or our please re really s she should so some still t tell than thank thanks \
    that thats the their them then there these they this those to too u up us ve very want wanted wants was wasn we \
    were what whats when where wheres which while who why will with wont would you your";
const SPANISH: &str = "\
    a al algo como con cual cuando de del desde donde e el ella ellos en es esta estan estar este esto estoy favor \
    gracias ha hacer han hay he hola la las le les lo los me mi mis muy necesito no nos o para pero por porque puedo \
    que quien quiero se ser si sin sobre son su sus tambien te tengo tiene tu un una y ya yo";
const GERMAN: &str = "\
    aber als am an auch auf aus bei bin bitte da danke das dass dem den der des die dies diese du ein eine einem \
    einen einer er es etwas fur gibt habe haben hallo hat ich ihr im in ist ja kann konnen man mein meine meinem \
    meinen mich mir mit mochte nach nicht noch nur oder schon sein sich sie sind so uber um und uns von vor wann war \
    warum was wenn werden wie wird wo zu zum zur";
const FRENCH: &str = "\
    a ai au aux avec avez avoir besoin bonjour c ce ces cet cette comment d dans de des du elle en est et etre faire \
    fait il ils j je l la le les leur ma mais me merci mes moi mon n ne nous on ont ou par pas peut peux plait pour \
    pourquoi puis qu quand que quel quelle qui s sa se ses si son sont suis sur t tu un une veux vos votre vous y";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn inflections_share_a_stem() {
        use Language::{English, French, German, Spanish};
        // As they are read: folded.
        for (language, one, other) in [
            (English, "payments", "payment"),
            (English, "unlocked", "unlocking"),
            (Spanish, "tarjetas", "tarjeta"),
            (Spanish, "configuracion", "configuraciones"),
            (Spanish, "facturacion", "facturaciones"),
            (Spanish, "sesion", "sesiones"),
            (German, "karten", "karte"),
            (German, "passworter", "passwort"),
            (German, "rechnungen", "rechnung"),
            (French, "cartes", "carte"),
            (French, "imprimantes", "imprimante"),
            (French, "activees", "active"),
            (French, "activee", "activer"),
        ] {
            assert_eq!(language.stem(one), language.stem(other), "{one} {other}");
            assert!(language.stem(one).is_ascii());
        }
        assert_eq!(Spanish.stem("пароль"), "пароль");
    }

    #[test]
    fn some_languages_are_a_set() {
        let mut some: Languages = [Language::German, Language::English].into_iter().collect();
        assert!(!some.insert(Language::German) && some.insert(Language::French) && !some.contains(Language::Spanish));
        let rest = some.without(Language::English.into());
        assert_eq!((some.count(), rest.iter().collect::<Vec<_>>()), (3, vec![Language::German, Language::French]));
    }
}
