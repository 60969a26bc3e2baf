//! Which nodes an instrument has, out of the page.
//!
//! Of the page only the rows of tables with a checkbox named `r` count; its value is the node. The
//! second cell of such a row tells `data` or `info`, the fifth of an `info` holds three words, the
//! last two of them instrument and mode, and the sixth of `data` the size in kB. Pages are scanned,
//! not parsed as a document: rows are well separated, and all else may change.

use super::Request;
use crate::{Error, Result};

/// The data of one instrument.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Product {
    /// The instrument as the schedule writes it.
    pub instrument: String,
    /// The nodes, data and info.
    pub nodes: Vec<String>,
    /// Bytes of the data, as the schedule tells.
    pub bytes: u64,
}

/// The product of the request's instrument.
pub(super) fn find(page: &str, request: &Request) -> Result<Product> {
    let Request {
        day,
        mode,
        instrument,
        ..
    } = request;
    let products = products(page).map_err(|problem| {
        Error::Request(format!(
            "the schedule of {mode} on {day} cannot be understood: {problem}"
        ))
    })?;
    if products.is_empty() {
        return Err(Error::Request(format!(
            "the archive has no data of {mode} on {day}: look at its schedule for days and modes"
        )));
    }
    let same = |product: &Product| product.instrument.eq_ignore_ascii_case(instrument);
    let mut found = products.iter().filter(|product| same(product));
    let Some(product) = found.next() else {
        let mut there: Vec<&str> = products.iter().map(|p| p.instrument.as_str()).collect();
        there.dedup();
        return Err(Error::Request(format!(
            "the archive has no data of {instrument} for {mode} on {day}; it has {}",
            there.join(", ")
        )));
    };
    let more = found.count();
    if more > 0 {
        log::warn!("{more} further products of {instrument} for {mode} on {day} are left out");
    }
    Ok(product.clone())
}

fn products(page: &str) -> Result<Vec<Product>, String> {
    let mut products = Vec::new();
    let (mut nodes, mut bytes) = (Vec::new(), 0u64);
    for row in pieces(page, "<tr") {
        let Some(node) = node(row) else { continue };
        if node.is_empty() || !node.bytes().all(|b| b.is_ascii_digit()) {
            return Err(format!("node {node:?} is no number"));
        }
        let cells: Vec<String> = pieces(row, "<td").map(text).collect();
        let cell = |place: usize| cells.get(place).map_or("", String::as_str);
        nodes.push(node.to_owned());
        match cell(1) {
            "data" => {
                let size = cell(5)
                    .parse::<u64>()
                    .ok()
                    .and_then(|kb| kb.checked_mul(1024));
                let size = size.ok_or_else(|| format!("node {node} has the size {:?}", cell(5)))?;
                bytes = bytes.saturating_add(size);
            }
            "info" => {
                let instrument = cell(4).split_whitespace().nth(1);
                let instrument = instrument
                    .ok_or_else(|| format!("node {node} names no instrument: {:?}", cell(4)))?;
                products.push(Product {
                    instrument: instrument.to_owned(),
                    nodes: std::mem::take(&mut nodes),
                    bytes: std::mem::take(&mut bytes),
                });
            }
            other => return Err(format!("node {node} is {other:?}, neither data nor info")),
        }
    }
    Ok(products)
}

/// The value of the checkbox `r` in a row.
fn node(row: &str) -> Option<&str> {
    pieces(row, "<input").find_map(|input| {
        let tag = input.split('>').next()?;
        let is =
            |name, value: &str| attribute(tag, name).is_some_and(|v| v.eq_ignore_ascii_case(value));
        (is("type", "checkbox") && is("name", "r")).then(|| attribute(tag, "value"))?
    })
}

/// What follows each occurrence of a tag's beginning (in lower case), up to the next one.
fn pieces<'a>(text: &'a str, tag: &'a str) -> impl Iterator<Item = &'a str> {
    // Lower case of ASCII only, so that positions are the same.
    let lower = text.to_ascii_lowercase();
    let ends = |at: usize| {
        let next = lower.as_bytes().get(at + tag.len());
        next.is_some_and(|b| b.is_ascii_whitespace() || *b == b'>' || *b == b'/')
    };
    let mut starts: Vec<usize> = lower
        .match_indices(tag)
        .map(|(at, _)| at)
        .filter(|&at| ends(at))
        .collect();
    starts.push(text.len());
    let bounds: Vec<(usize, usize)> = starts
        .windows(2)
        .map(|pair| (pair[0] + tag.len(), pair[1]))
        .collect();
    bounds.into_iter().map(|(start, end)| &text[start..end])
}

/// The value of an attribute in a tag, with or without quotes.
fn attribute<'a>(tag: &'a str, name: &str) -> Option<&'a str> {
    let mut rest = tag;
    while let Some((before, after)) = rest.split_once('=') {
        let key = before.split_whitespace().next_back().unwrap_or("");
        let after = after.trim_start();
        let quote = after.chars().next().filter(|c| "\"'".contains(*c));
        let (value, next) = match quote {
            Some(quote) => after[1..].split_once(quote)?,
            None => after.split_once(char::is_whitespace).unwrap_or((after, "")),
        };
        if key.eq_ignore_ascii_case(name) {
            return Some(value.trim_end_matches('/'));
        }
        rest = next;
    }
    None
}

/// The text of a cell, whose piece begins within its tag: without tags.
fn text(cell: &str) -> String {
    let end = cell.to_ascii_lowercase().find("</td").unwrap_or(cell.len());
    let mut text = String::new();
    for (place, part) in cell[..end].split('<').enumerate() {
        // The first part is the rest of the cell's own tag.
        match part.split_once('>') {
            Some((_, words)) => text.push_str(words),
            None if place == 0 => {}
            None => text.push_str(part),
        }
    }
    text.replace("&nbsp;", " ")
        .replace("&amp;", "&")
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: &str = "<html><table><tr><th>Mark<th>Type</tr>
        <TR class=x><TD align=right><input type=\"checkbox\" name=\"r\" value=\"249696\" \
      checked></TD><td>data</td>
        <td>08:00</td><td>09:00</td><td>x</td><td>1024</td></TR>
        <tr><td><INPUT value=7 name='r' TYPE=checkbox></td><td> <b>data</b> \
      </td><td>a<td>b<td>c<td>&nbsp;1&nbsp;</tr>
        <tr><td><input name=r type=checkbox value=8 \
      /></td><td>info</td><td>t</td><td></td><td>kst0 UHF leo_bpark_2.1u_NO</td></tr>
        <tr><td><input type=checkbox name=all value=9></td><td>data</td></tr>
        <tr><td><input type=checkbox name=r \
      value=10></td><td>data</td><td></td><td></td><td></td><td>5</td></tr>
        <tr><td><input type=checkbox name=r value=11></td><td>info</td><td></td><td></td><td>esr \
      32m leo_bpark_2.2_SW</td></tr>
        </table></html>";

    #[test]
    fn rows_up_to_each_info_are_a_product() {
        let product = |instrument: &str, nodes: &[&str], kb: u64| Product {
            instrument: instrument.to_owned(),
            nodes: nodes.iter().map(|&node| node.to_owned()).collect(),
            bytes: kb * 1024,
        };
        let expected = [
            product("UHF", &["249696", "7", "8"], 1025),
            product("32m", &["10", "11"], 5),
        ];
        assert_eq!(products(PAGE).unwrap(), expected);
        assert_eq!(products("<p>nothing</p>").unwrap(), []);
    }

    #[test]
    fn nonsense_is_told() {
        for (from, to, told) in [
            ("249696", "../x", "node \"../x\" is no number"),
            (">1024<", ">many<", "node 249696 has the size \"many\""),
            (
                "kst0 UHF leo_bpark_2.1u_NO",
                "kst0",
                "node 8 names no instrument",
            ),
            ("<td>info", "<td>what", "node 8 is \"what\""),
        ] {
            let problem = products(&PAGE.replacen(from, to, 1)).unwrap_err();
            assert!(problem.contains(told), "{problem}");
        }
    }

    #[test]
    fn no_page_makes_it_panic() {
        for end in 0..PAGE.len() {
            let _ = products(&PAGE[..end]);
            let _ = products(&PAGE[end..]);
        }
        let _ = products("<tr><td><input type='checkbox\u{e5} name=\"r value=<td\u{1F600}");
    }
}
