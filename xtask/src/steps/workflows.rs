//! The workflows of GitHub Actions: their form, expressions and references, as actionlint knows them.

use crate::failure::Outcome;
use crate::house::{House, must_exist};
use crate::{process, setup};

const ACTIONLINT: &str = "github.com/rhysd/actionlint/cmd/actionlint@v1.7.12";

pub fn run(house: &House) -> Outcome<()> {
    must_exist(&house.root.join(".github/workflows"))?;
    setup::go()?;
    // Other linters that it would call where it finds them: the verdict is the same on every machine without.
    process::run(house.command("go").args(["run", ACTIONLINT, "-shellcheck=", "-pyflakes="]))
}

#[cfg(test)]
mod tests {
    use crate::arguments;
    use crate::house::House;

    #[test]
    fn every_command_of_ours_in_them_exists() {
        let folder = House::find().unwrap().root.join(".github/workflows");
        let mut commands = 0;
        for file in std::fs::read_dir(folder).unwrap() {
            let text = std::fs::read_to_string(file.unwrap().path()).unwrap();
            for (_, command) in text.lines().filter_map(|line| line.split_once("cargo xtask ")) {
                let words: Vec<String> = command.split_whitespace().map(str::to_owned).collect();
                assert!(arguments::parse(&words).is_ok(), "{command}");
                commands += 1;
            }
        }
        assert!(commands >= 3, "only {commands} commands");
    }
}
