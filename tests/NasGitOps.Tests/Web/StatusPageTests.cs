using System.Xml.Linq;
using NasGitOps.Agent;
using NasGitOps.Core.Manifests;
using NasGitOps.Reporting;
using NasGitOps.Web;

namespace NasGitOps.Tests.Web;

public class StatusPageTests
{
    private const string Nasty = "<script>alert('x')</script>\"&";

    [Fact]
    public void Names_messages_and_file_names_never_become_markup()
    {
        var pass = Passes.Of("False", [Passes.Resource("SmbShare", Nasty, "False", Nasty, Nasty)]);
        var status = pass.Status with { Host = Nasty, InForceCommit = Nasty, Problems = [new ManifestProblem(Severity.Error, Nasty, 1, 1, "", Nasty, Nasty)] };

        var html = StatusPage.Html(new AgentFacts(new PassReport(null, status, PassFigures.Of(pass)), null, null, Nasty));

        Assert.DoesNotContain("<script", html, StringComparison.OrdinalIgnoreCase);
        Assert.Contains("SmbShare/&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot;&amp;", html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_is_well_formed_and_names_every_resource()
    {
        var pass = Passes.Of("True", [Passes.Resource("Dataset", "tank/ours"), Passes.Resource("Pool", "tank")]);

        var html = StatusPage.Html(new AgentFacts(new PassReport(null, pass.Status, PassFigures.Of(pass)), null, null, null));

        var cells = WellFormed(html).Descendants("td").Select(td => td.Value).ToList();
        Assert.Contains("Dataset/tank/ours", cells);
        Assert.Contains("Pool/tank", cells);
        Assert.Contains("of <this>", cells);
    }

    [Fact]
    public void Before_the_first_pass_it_says_so() =>
        Assert.Contains("No pass has ended yet", WellFormed(StatusPage.Html(new AgentFacts(null, null, null, null))).Value, StringComparison.Ordinal);

    /// <summary>The page closes all it opens, but for <c>meta</c>, which HTML does not close.</summary>
    private static XElement WellFormed(string html) =>
        XDocument.Parse(System.Text.RegularExpressions.Regex.Replace(html, "<meta ([^>]*)>", "<meta $1/>").Replace("<!DOCTYPE html>", "", StringComparison.Ordinal)).Root!;
}
